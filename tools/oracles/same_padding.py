# /// script
# dependencies = ["tensorflow==2.*", "numpy"]
# ///
"""`same` convolutions whose last window ends before the edge of the image, by TensorFlow in float64.

    python tools/oracles/same_padding.py

Writes `packages/core/test/fixtures/same-padding.json`. Images and kernels are whole numbers, so that every
engine has to give the very same sums.
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

TARGET = Path(__file__).parents[2] / "packages/core/test/fixtures/same-padding.json"

# Image, kernel and stride, each along height and width.
CASES = [
    ("both-axes", (8, 8), (3, 3), (4, 4)),
    ("both-axes-odd", (9, 9), (2, 2), (3, 3)),
    ("height-alone", (8, 9), (3, 3), (4, 4)),
    ("width-alone", (9, 8), (3, 3), (4, 4)),
    ("strides-differ", (8, 7), (3, 3), (4, 2)),
    ("no-gap", (9, 9), (3, 3), (4, 4)),
]


def main():
    rng = np.random.default_rng(17)
    draw = lambda *shape: rng.integers(-4, 5, shape).astype(np.float64)
    cases = []
    for name, image, kernel, strides in CASES:
        x = draw(2, *image, 3)
        filters = {"conv2d": draw(*kernel, 3, 2)}
        if strides[0] == strides[1]:
            filters["depthwiseConv2d"] = draw(*kernel, 3, 2)
        for op, k in filters.items():
            compute = tf.nn.conv2d if op == "conv2d" else tf.nn.depthwise_conv2d
            y = compute(x, k, strides=[1, *strides, 1], padding="SAME").numpy()
            cases.append({"name": name, "op": op, "strides": strides, "image": of(x), "kernel": of(k), "output": of(y)})
    TARGET.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


def of(array):
    return {"shape": array.shape, "values": array.astype(int).ravel().tolist()}


if __name__ == "__main__":
    main()
