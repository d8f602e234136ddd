# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/graph: a small tfjs GraphModel, and what TensorFlow says of it.

python tools/oracles/graph_models.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf

from fixture_json import float32, rounded, write_json
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/graph/residual"
SEED = 21
SIZE = (18, 22)
CLASSES = 5
LAYER = "net/join/Relu"


class Graph:
    """Writes nodes as the tfjs converter does and computes the same ops in float64."""

    def __init__(self):
        self.nodes = []
        self.weights = {}
        self.ops = {}

    def node(self, name, op, inputs, compute=None, **attributes):
        node = {"name": name, "op": op}
        if inputs:
            node["input"] = inputs
        node["attr"] = {"T": {"type": "DT_FLOAT"}, **attributes}
        self.nodes.append(node)
        if compute is not None:
            self.ops[name] = (inputs, compute)
        return name

    def const(self, name, array, dtype="float32"):
        kind = {"float32": "DT_FLOAT", "int32": "DT_INT32"}[dtype]
        shape = {"dim": [{"size": str(size)} for size in array.shape]}
        value = {"tensor": {"dtype": kind, "tensorShape": shape}}
        self.nodes.append(
            {"name": name, "op": "Const", "attr": {"dtype": {"type": kind}, "value": value}}
        )
        self.weights[name] = array.astype(dtype)
        return name

    def run(self, name, feeds):
        """The value of a node in float64; `feeds` may cut the graph anywhere."""
        if name in feeds:
            return feeds[name]
        if name in self.weights:
            value = self.weights[name]
            return tf.constant(value, tf.float64 if value.dtype == np.float32 else tf.int32)
        inputs, compute = self.ops[name]
        feeds[name] = compute(*[self.run(one, feeds) for one in inputs])
        return feeds[name]


def text(value):
    return {"s": base64.b64encode(value.encode()).decode()}


def numbers(*values):
    return {"list": {"i": [str(value) for value in values]}}


def build(random):
    graph = Graph()
    drawn = lambda *shape: random.standard_normal(shape) * 1.5 / np.sqrt(np.prod(shape[:-1]))
    shape = {"dim": [{"size": str(size)} for size in (-1, *SIZE, 3)]}
    graph.nodes.append(
        {"name": "image", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape}}}
    )

    def window(stride):
        return {
            "strides": numbers(1, stride, stride, 1),
            "dilations": numbers(1, 1, 1, 1),
            "padding": text("SAME"),
            "data_format": text("NHWC"),
        }

    conv = lambda stride: lambda x, k: tf.nn.conv2d(x, k, stride, "SAME")
    kernel = graph.const("net/conv1/kernel", drawn(3, 3, 3, 6))
    bias = graph.const("net/conv1/bias", 0.2 * random.standard_normal(6))
    x = graph.node("net/conv1/Conv2D", "Conv2D", ["image", kernel], conv(2), **window(2))
    x = graph.node("net/conv1/BiasAdd", "BiasAdd", [x, bias], lambda x, b: x + b, data_format=text("NHWC"))
    x = graph.node("net/conv1/Relu", "Relu", [x], tf.nn.relu)
    pooled = graph.node(
        "net/pool/MaxPool",
        "MaxPool",
        [x],
        lambda x: tf.nn.max_pool2d(x, 2, 2, "SAME"),
        ksize=numbers(1, 2, 2, 1),
        strides=numbers(1, 2, 2, 1),
        padding=text("SAME"),
        data_format=text("NHWC"),
    )
    kernel = graph.const("net/conv2/kernel", drawn(3, 3, 6, 6))
    bias = graph.const("net/conv2/bias", 0.2 * random.standard_normal(6))
    fused = graph.node(
        "net/conv2/Relu",
        "_FusedConv2D",
        [pooled, kernel, bias],
        lambda x, k, b: tf.nn.relu(conv(1)(x, k) + b),
        fused_ops={"list": {"s": [text("BiasAdd")["s"], text("Relu")["s"]]}},
        num_args={"i": "1"},
        epsilon={"f": 0.0},
        **window(1),
    )
    x = graph.node("net/join/AddV2", "AddV2", [fused, pooled], lambda a, b: a + b)
    x = graph.node(LAYER, "Relu", [x], lambda x: tf.nn.relu(x))
    axes = graph.const("net/mean/axes", np.array([1, 2]), "int32")
    x = graph.node(
        "net/mean/Mean",
        "Mean",
        [x, axes],
        lambda x, a: tf.reduce_mean(x, a),
        keep_dims={"b": False},
        Tidx={"type": "DT_INT32"},
    )
    kernel = graph.const("net/logits/kernel", 4 * drawn(6, CLASSES))
    bias = graph.const("net/logits/bias", 0.2 * random.standard_normal(CLASSES))
    flags = {"transpose_a": {"b": False}, "transpose_b": {"b": False}}
    x = graph.node("net/logits/MatMul", "MatMul", [x, kernel], lambda x, k: x @ k, **flags)
    x = graph.node("net/logits/BiasAdd", "BiasAdd", [x, bias], lambda x, b: x + b, data_format=text("NHWC"))
    x = graph.node("net/Softmax", "Softmax", [x], tf.nn.softmax)
    graph.node("Identity", "Identity", [x], tf.identity)
    return graph


def write_model(graph):
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    weights = [
        {"name": name, "shape": list(array.shape), "dtype": array.dtype.name}
        for name, array in graph.weights.items()
    ]
    shard = "group1-shard1of1.bin"
    (FOLDER / shard).write_bytes(
        b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes() for array in graph.weights.values())
    )
    dims = lambda *sizes: {"dim": [{"size": str(size)} for size in sizes]}
    tensor = lambda name, *sizes: {"name": f"{name}:0", "dtype": "DT_FLOAT", "tensorShape": dims(*sizes)}
    value = {
        "format": "graph-model",
        "generatedBy": tf.__version__,
        "convertedBy": None,
        "signature": {
            "inputs": {"image": tensor("image", -1, *SIZE, 3)},
            "outputs": {"Identity": tensor("Identity", -1, CLASSES)},
        },
        "modelTopology": {"node": graph.nodes, "library": {}, "versions": {"producer": 1882}},
        "weightsManifest": [{"paths": [shard], "weights": weights}],
    }
    (FOLDER / "model.json").write_text(json.dumps(value, indent=1) + "\n")


def ablation(graph, feeds, activations, index):
    """Desai and Ramaswamy 2020: (y - y_k) / |y|, y_k without channel k of the layer."""
    image = {"image": feeds["image"]}
    score = graph.run("net/logits/BiasAdd", dict(image))[0, index]
    weights = []
    for k in range(activations.shape[-1]):
        cut = activations.copy()
        cut[..., k] = 0
        logits = graph.run("net/logits/BiasAdd", {**image, LAYER: tf.constant(cut)})
        weights.append(float((score - logits[0, index]) / abs(score)))
    return np.asarray(weights)


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    graph = build(np.random.Generator(np.random.PCG64(SEED)))
    write_model(graph)
    images = np.stack([textured_image(SEED + i, *SIZE) for i in range(2)]).astype(np.float32)
    feeds = {"image": tf.constant(images / np.float32(127.5) - 1, tf.float64)}
    graph.run("Identity", feeds)
    one = {"image": feeds["image"][:1]}
    graph.run("Identity", one)
    index = int(np.argmax(one["net/logits/BiasAdd"][0]))
    activations = one[LAYER].numpy()
    weights = ablation(graph, one, activations, index)
    terms = weights * activations[0]
    wanted = ["net/conv1/Relu", "net/conv2/Relu", LAYER, "Identity"]
    write_json(
        FOLDER / "expected.json",
        {
            "inputs": float32(feeds["image"].numpy()),
            "class": index,
            "logits": float32(feeds["net/logits/BiasAdd"].numpy()),
            "values": {name: float32(feeds[name].numpy()) for name in wanted},
            "ablation": {
                "layer": LAYER,
                "weights": float32(weights),
                "map": float32(terms.sum(-1)),
                "scale": rounded(np.abs(terms).sum(-1).max()),
            },
        },
    )
    (FOLDER.parent / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/graph_models.py` (one command, from scratch) with TensorFlow {tf.__version__},
NumPy {np.__version__} on CPU; seed {SEED}. Random weights, computed images.

`residual` is a tfjs GraphModel whose GraphDef the script writes by hand, as the converter would: a
convolution with its bias apart, a fused one, a shortcut, a softmax behind an identity. `expected.json`:
values of its nodes for two images by the same ops of TensorFlow in float64, and Ablation-CAM.
"""
    )
    print(f"class {index}, logits {feeds['net/logits/BiasAdd'].numpy().round(2)}")


if __name__ == "__main__":
    main()
