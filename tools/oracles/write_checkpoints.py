"""Writes variables through TensorFlow's own Saver: V1 and V2, single, sharded, partitioned.

TensorFlow 2 still carries both writers, so these are the bytes users have, not our idea of them.
"""

import glob
import os

import tensorflow as tf

v1 = tf.compat.v1
VERSIONS = {"V1": v1.train.SaverDef.V1, "V2": v1.train.SaverDef.V2}


def save_checkpoint(prefix, tensors, version, *, shards=1, partition=None):
    """Saves {name: array} and returns the paths of the files written, sorted.

    `shards`: variables are dealt to that many virtual CPU devices, one file each.
    `partition(name, array)`: None, or (axis, parts) for a variable to be kept in several slices.
    """
    with tf.Graph().as_default():
        variables, feeds = [], []
        for i, (name, array) in enumerate(tensors.items()):
            with v1.device(f"/cpu:{i % shards}"):
                variable, assignments = _variable(name, array, partition and partition(name, array))
            variables.append(variable)
            feeds.extend(assignments)
        saver = v1.train.Saver(
            {name: variable for name, variable in zip(tensors, variables)},
            sharded=shards > 1,
            write_version=VERSIONS[version],
        )
        config = v1.ConfigProto(device_count={"CPU": shards})
        config.intra_op_parallelism_threads = config.inter_op_parallelism_threads = 1
        with v1.Session(config=config) as session:
            for operation, placeholder, value in feeds:
                session.run(operation, {placeholder: value})
            saver.save(session, prefix, write_meta_graph=False, write_state=False)
    return sorted(path for path in glob.glob(f"{prefix}*") if _belongs(path, prefix))


def read_back(path, names):
    """{name: array} as TensorFlow's RestoreV2 kernel reads it; the kernel also reads V1 files."""
    with tf.Graph().as_default(), v1.Session() as session:
        types = _types(path, names)
        restored = v1.raw_ops.RestoreV2(
            prefix=path, tensor_names=names, shape_and_slices=[""] * len(names), dtypes=types
        )
        return dict(zip(names, session.run(restored)))


def _types(path, names):
    known = tf.train.load_checkpoint(path).get_variable_to_dtype_map()
    return [known[name] for name in names]


def _variable(name, array, split):
    # Values go in through placeholders: as constants they would be copied into the graph.
    dtype, zeros = tf.as_dtype(array.dtype), v1.zeros_initializer()
    placeholder = v1.placeholder(dtype, array.shape)
    if split is None:
        variable = v1.get_variable(name, array.shape, dtype, zeros, use_resource=False)
        return variable, [(variable.assign(placeholder).op, placeholder, array)]
    axis, parts = split
    variable = v1.get_variable(
        name,
        array.shape,
        dtype,
        zeros,
        use_resource=False,
        partitioner=v1.fixed_size_partitioner(parts, axis),
    )
    feeds = []
    for part in variable:
        info = part._save_slice_info  # where this part lies in the whole
        index = tuple(slice(o, o + n) for o, n in zip(info.var_offset, info.var_shape))
        value = v1.placeholder(dtype, array[index].shape)
        feeds.append((part.assign(value).op, value, array[index]))
    return variable, feeds


def _belongs(path, prefix):
    rest = os.path.basename(path)[len(os.path.basename(prefix)) :]
    return rest == "" or rest.startswith((".index", ".data-", "-0"))
