# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/graph-ops.json: GraphModels of a few nodes, their outputs and gradients.

    python tools/oracles/write_graph_op_fixtures.py

Each is a function that TensorFlow freezes. Outputs and gradients are TensorFlow's in float64; where the frozen
function runs on a CPU, its float32 output must be the same. The model ends in a score, the sum of the output times
random numbers, whose gradient is stored. Seeded.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import base64
import json
import sys
import zlib
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from fixture_json import float32, write_json
from frozen_nets import Frozen, pack_graph, stated
from graph_op_cases import list_cases

FILE = Path(__file__).parents[2] / "packages/core/test/fixtures/graph-ops.json"
SEED = 20151109
# Of the largest value: float32 against float64.
CLOSE = 1e-5


def main():
    cases = [run_case(*case) for case in list_cases()]
    source = f"tools/oracles/write_graph_op_fixtures.py, TensorFlow {tf.__version__}, seed {SEED}"
    write_json(FILE, {"source": source, "cases": cases})
    print(f"{len(cases)} cases, {FILE.stat().st_size} bytes")


def run_case(title, shape, constants, compute, options):
    # A seed of its own for each case: one that is added leaves the others as they are.
    random = np.random.Generator(np.random.PCG64([SEED, zlib.crc32(title.encode())]))
    made = {name: value(random) for name, value in constants.items()}
    given = (options.get("scale", 1) * random.uniform(0.1, 2, shape)).astype(np.float32)
    x = tf.constant(given, tf.float64)
    held = {name: tf.constant(v, tf.float64 if v.dtype.kind == "f" else None) for name, v in made.items()}
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = options.get("same", compute)(x, **held)
        upstream = random.standard_normal(tuple(y.shape)).astype(np.float32)
        score = tf.reduce_sum(y * tf.constant(upstream, tf.float64))
    gradient = tape.gradient(score, x)
    value, data = freeze(title, given, made, compute, upstream, options.get("dtype", tf.float32), y.numpy())
    return {
        "title": title,
        "topology": json.dumps(value["modelTopology"], separators=(",", ":"), sort_keys=True),
        "signature": value["signature"],
        "weights": value["weightsManifest"][0]["weights"],
        "data": base64.b64encode(data).decode(),
        "x": float32(given),
        "y": float32(y.numpy()),
        "gradient": float32(gradient.numpy()),
    }


def freeze(title, given, constants, compute, upstream, dtype, expected):
    # A second score of zeros, since one score alone is read as the logit of a binary classifier.
    weights = np.stack([upstream.reshape(-1), np.zeros(upstream.size, np.float32)], 1)

    def function(x):
        y = compute(x, **{name: tf.constant(one) for name, one in constants.items()})
        return tf.matmul(tf.reshape(y, [-1, upstream.size]), tf.constant(weights)), tf.identity(y)

    spec = tf.TensorSpec([None, *given.shape[1:]], dtype, name="x")
    frozen = convert_variables_to_constants_v2(tf.function(function).get_concrete_function(spec))
    check(title, frozen, tf.cast(tf.round(given) if dtype.is_integer else given, dtype), expected)
    definition = frozen.graph.as_graph_def()
    score, y = [output.name for output in frozen.outputs]
    packed = Frozen(definition)
    kind = {tf.float32: "DT_FLOAT", tf.int32: "DT_INT32", tf.uint8: "DT_UINT8"}[dtype]
    shape = (-1, *given.shape[1:])
    return pack_graph(packed, {"x": stated("x:0", kind, shape)}, {"score": stated(score), "y": stated(y)})


def check(title, frozen, x, expected):
    """The frozen function itself, where a CPU has kernels for it."""
    try:
        y = frozen(x)[1].numpy()
    except tf.errors.OpError as error:
        print(f"{title}: not run, since TensorFlow says {str(error.message).splitlines()[0][:90]}")
        return
    if y.shape != expected.shape or np.abs(y - expected).max() > CLOSE * np.abs(expected).max():
        sys.exit(f"{title}: float32 and float64 differ: {y.shape}, {np.abs(y - expected).max()}")


if __name__ == "__main__":
    main()
