# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/graph-scaling: GraphModels that scale their own pixels, as TensorFlow freezes them.

python tools/oracles/graph_scaling.py

Each is a `tf.function` with a convolution, frozen by TensorFlow; its GraphDef becomes the `modelTopology`, its
constants the shard. The expected probabilities are what the same function says of pixels in the range that it
was written for.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import json
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from fixture_json import float32, uint8, write_json
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/graph-scaling"
SEED = 31
SIZE = (12, 16)
CLASSES = 3

MEAN = [123.675, 116.28, 103.53]
STD = [58.395, 57.12, 57.375]


def scaled(x):
    """ImageNet's numbers for 0..1, on pixels that are 0..1."""
    return (x - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])


def batch_norm(x):
    fused = tf.compat.v1.nn.fused_batch_norm
    return fused(
        x,
        scale=np.float32([1.5, 1, 0.5]),
        offset=np.float32([0.25, 0, -0.25]),
        mean=np.float32([120, 115, 100]),
        variance=np.float32([3600, 3500, 4000]),
        epsilon=1e-3,
        is_training=False,
    )[0]


def first_channels(x):
    x = (x - np.float32(MEAN).reshape(1, 3, 1, 1)) / np.float32(STD).reshape(1, 3, 1, 1)
    return tf.transpose(x, [0, 2, 3, 1])


# name: (type of the input, its first ops, the range they were written for, channels first)
NETS = {
    "rescale": (tf.float32, lambda x: x * np.float32(1 / 255), "0..255", False),
    "half-range": (tf.float32, lambda x: x / np.float32(127.5) - np.float32(1), "0..255", False),
    "mean-std": (tf.float32, lambda x: (x - np.float32(MEAN)) / np.float32(STD), "0..255", False),
    "unit-mean-std": (tf.float32, scaled, "0..1", False),
    "reversed": (tf.float32, lambda x: np.float32(1) - x / np.float32(255), "0..255", False),
    "to-bgr": (tf.float32, lambda x: x[..., ::-1] - np.float32([103.939, 116.779, 123.68]), "0..255", False),
    "batch-norm": (tf.float32, batch_norm, "0..255", False),
    "channels-first": (tf.float32, first_channels, "0..255", True),
    "bytes": (tf.uint8, lambda x: tf.cast(x, tf.float32) / np.float32(127.5) - np.float32(1), "0..255", False),
    "whole-numbers": (tf.int32, lambda x: tf.cast(x, tf.float32) * np.float32(0.01), "0..255", False),
    "none": (tf.float32, lambda x: x, None, False),
}


def build(kind, before, is_first, random):
    kernel = tf.constant(random.standard_normal((3, 3, 3, 4)).astype(np.float32) * np.float32(0.4))
    head = tf.constant(random.standard_normal((4, CLASSES)).astype(np.float32))
    bias = tf.constant(random.standard_normal(CLASSES).astype(np.float32) * np.float32(0.1))
    shape = [None, 3, *SIZE] if is_first else [None, *SIZE, 3]

    @tf.function(input_signature=[tf.TensorSpec(shape, kind, name="image")])
    def net(image):
        x = before(image)
        x = tf.nn.relu(tf.nn.conv2d(x, kernel, 2, "SAME"), name="maps")
        # Of a mean subtracted alone, values are hundreds.
        x = tf.reduce_mean(x, [1, 2])
        x = x / (np.float32(1) + tf.reduce_max(x, -1, keepdims=True))
        return tf.nn.softmax(tf.matmul(x, head) + bias)

    return net


def write_model(folder, net, kind, is_first):
    frozen = convert_variables_to_constants_v2(net.get_concrete_function())
    definition = frozen.graph.as_graph_def()
    weights, chunks = [], []
    for node in definition.node:
        if node.op != "Const":
            continue
        value = tf.make_ndarray(node.attr["value"].tensor)
        dtype = {"float32": "float32", "int32": "int32"}[value.dtype.name]
        weights.append({"name": node.name, "shape": list(value.shape), "dtype": dtype})
        chunks.append(np.ascontiguousarray(value).tobytes())
        node.attr["value"].tensor.ClearField("tensor_content")
        node.attr["value"].tensor.ClearField("float_val")
        node.attr["value"].tensor.ClearField("int_val")
    folder.mkdir(parents=True)
    (folder / "group1-shard1of1.bin").write_bytes(b"".join(chunks))
    dims = lambda *sizes: {"dim": [{"size": str(size)} for size in sizes]}
    image = (-1, 3, *SIZE) if is_first else (-1, *SIZE, 3)
    kinds = {tf.float32: "DT_FLOAT", tf.uint8: "DT_UINT8", tf.int32: "DT_INT32"}
    output = frozen.outputs[0].name
    value = {
        "format": "graph-model",
        "generatedBy": tf.__version__,
        "convertedBy": None,
        "signature": {
            "inputs": {"image": {"name": frozen.inputs[0].name, "dtype": kinds[kind], "tensorShape": dims(*image)}},
            "outputs": {"out": {"name": output, "dtype": "DT_FLOAT", "tensorShape": dims(-1, CLASSES)}},
        },
        "modelTopology": json_format.MessageToDict(definition),
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": weights}],
    }
    (folder / "model.json").write_text(json.dumps(value) + "\n")


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    random = np.random.Generator(np.random.PCG64(SEED))
    pixels = textured_image(SEED, *SIZE)
    cases = []
    for name, (kind, before, stated, is_first) in NETS.items():
        net = build(kind, before, is_first, random)
        write_model(FOLDER / name, net, kind, is_first)
        # What nobody says is 0..1 here.
        given = pixels[None].astype(np.float32) / (1 if stated == "0..255" else 255)
        given = given.transpose(0, 3, 1, 2) if is_first else given
        out = net(tf.cast(tf.constant(given), kind)).numpy()[0]
        cases.append({"name": name, "range": stated, "probabilities": float32(out)})
        print(name, out.round(3))
    write_json(FOLDER / "expected.json", {"pixels": uint8(pixels), "cases": cases})
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/graph_scaling.py` (one command, from scratch) with TensorFlow {tf.__version__},
NumPy {np.__version__} on CPU; seed {SEED}. Random weights, a computed image.

Functions of TensorFlow that scale their own pixels, frozen; `expected.json` has what each says of the image.
"""
    )


if __name__ == "__main__":
    main()
