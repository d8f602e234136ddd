# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6", "ml_dtypes==0.6.0"]
# ///
"""Writes packages/converter/test/fixtures/dtypes from scratch: every dtype in V1 and V2, by TensorFlow.

python tools/oracles/write_dtype_fixtures.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import shutil
from pathlib import Path

import ml_dtypes
import numpy as np
import tensorflow as tf

from fixture_json import digest, write_json
from write_checkpoints import read_back, save_checkpoint

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/dtypes"
SEED = 1
V2_ONLY = ("bfloat16", "uint32", "uint64")  # the V1 writer of TensorFlow 2.21 refuses them


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    tensors = one_of_each()
    expected = {
        "all_dtypes.bundle": saved("all_dtypes.bundle", "V2", tensors),
        "all_dtypes.ckpt": saved(
            "all_dtypes.ckpt",
            "V1",
            {k: v for k, v in tensors.items() if not k.startswith(V2_ONLY)},
        ),
        "object_graph.bundle": saved_object_graph("object_graph.bundle"),
    }
    write_json(FOLDER / "expected.json", expected)
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/write_dtype_fixtures.py` (one command, from scratch) with TensorFlow
{tf.__version__}, NumPy {np.__version__}, ml_dtypes {ml_dtypes.__version__}; seed {SEED}. Random and special values only.

- `all_dtypes.bundle.*` (V2), `all_dtypes.ckpt` (V1): a matrix or more of every dtype the writer takes.
- `object_graph.bundle.*`: as TensorFlow 2 saves a model with its optimizer: string entries,
  `.ATTRIBUTES/VARIABLE_VALUE` names, slots.
- `expected.json`: per file each tensor's dtype, shape and sha256 (C order, little-endian), read back
  by TensorFlow; `float32` is the sha256 after NumPy's conversion to float32, `exact` whether that
  conversion loses nothing.
"""
    )


def one_of_each():
    random = np.random.Generator(np.random.PCG64(SEED))
    normal = random.standard_normal((3, 5))
    tensors = {
        # Denormals, infinities and the signed zero are values, and must come through as they are.
        "float32/special": np.array(
            [0, -0.0, np.inf, -np.inf, np.nan, 1e-45, 1.1754944e-38, 3.4028235e38], np.float32
        ),
        "float32/matrix": normal.astype(np.float32),
        "float64/exact": normal.astype(np.float32).astype(np.float64),
        "float64/rounded": normal,
        "half/matrix": normal.astype(np.float16),
        "half/special": np.array([0, -0.0, np.inf, -np.inf, np.nan, 6e-8, 65504], np.float16),
        "bfloat16/matrix": normal.astype(ml_dtypes.bfloat16),
        "bool/vector": np.array([True, False, False, True]),
        "complex64/vector": np.array([1 + 2j, -0.5j], np.complex64),
        "scalar/float32": np.array(2.5, np.float32),
        "scalar/int64": np.array(-(2**40), np.int64),
        "empty/float32": np.zeros((0, 3), np.float32),
    }
    for bits in (8, 16, 32, 64):
        for kind in ("int", "uint"):
            limits = np.iinfo(f"{kind}{bits}")
            values = [limits.min, -1 if kind == "int" else 1, 0, 1, 100, limits.max]
            tensors[f"{kind}{bits}/matrix"] = np.array(values, limits.dtype).reshape(2, 3)
    return tensors


def saved(name, version, tensors):
    prefix = str(FOLDER / name)
    paths = save_checkpoint(prefix, tensors, version)
    read = read_back(prefix, list(tensors))
    for key, array in tensors.items():
        assert read[key].dtype == array.dtype and read[key].tobytes() == array.tobytes(), key
    files = sorted(Path(path).name for path in paths)
    return {"files": files, "tensors": {key: described(array) for key, array in read.items()}}


def saved_object_graph(name):
    """A tf.train.Checkpoint of a layer and Adam, after one step: what `model.save_weights` left."""
    tf.random.set_seed(SEED)

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            draw = tf.random.stateless_normal
            self.kernel = tf.Variable(draw((4, 3), [SEED, 1]), name="dense/kernel")
            self.bias = tf.Variable(tf.zeros(3), name="dense/bias")

    model = Model()
    optimizer = tf.keras.optimizers.Adam()
    optimizer.build([model.kernel, model.bias])
    optimizer.apply([tf.ones((4, 3)), tf.ones(3)])
    prefix = str(FOLDER / name)
    tf.train.Checkpoint(model=model, optimizer=optimizer).write(prefix)
    reader = tf.train.load_checkpoint(prefix)
    tensors = {}
    for key in sorted(reader.get_variable_to_shape_map()):
        value = reader.get_tensor(key)
        tensors[key] = (
            {"dtype": "string", "shape": []} if isinstance(value, bytes) else described(value)
        )
    files = sorted(path.name for path in FOLDER.glob(f"{name}*"))
    return {"files": files, "tensors": tensors}


def described(array):
    array = np.asarray(array)
    value = digest(array)
    if array.dtype.kind in "fiub" or array.dtype == ml_dtypes.bfloat16:
        with np.errstate(over="ignore"):
            single = array.astype(np.float32)
        value["float32"] = digest(single)["sha256"]
        value["exact"] = lossless(array, single)
    return value


def lossless(array, single):
    if array.dtype.kind in "iub":
        # Compared as integers of any size: casting back would saturate at the ends of the range.
        return all(int(a) == int(b) for a, b in zip(array.ravel(), single.ravel()))
    return bool(np.array_equal(single.astype(array.dtype), array, equal_nan=True))


if __name__ == "__main__":
    main()
