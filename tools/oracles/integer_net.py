"""Weights of a VGG of which every sum is a whole number below 2^24: exact in float32, in any order.

With random weights some of the ten million ReLUs lie within rounding of zero, and right engines open
different ones. Here nothing is rounded on the way forward, so activations are equal to the bit and
gradients have no such excuse. Ties, of zeros and others, are everywhere: they test the max pools too.
"""

import numpy as np

# Taps of one unit that are not zero, half of them -1: a layer's spread grows by the root of half.
CONV_TAPS = 4
DENSE_TAPS = 64
EXACT_BELOW = 2**24


def draw_integer_vgg(architecture, seed):
    rng = np.random.default_rng(seed)
    tensors = {}
    depth = 3
    for stage in architecture["stages"]:
        for i in range(1, stage["repeats"] + 1):
            name = f"{stage['name']}_{i}"
            tensors[f"{name}/weights"] = _signs(rng, 9 * depth, stage["channels"], CONV_TAPS).reshape(
                3, 3, depth, -1
            )
            tensors[f"{name}/biases"] = np.zeros(stage["channels"], np.float32)
            depth = stage["channels"]
    size = (architecture["input"]["height"] // 32) * (architecture["input"]["width"] // 32) * depth
    for name, units in (
        ("fc6", architecture["hidden"]),
        ("fc7", architecture["hidden"]),
        ("fc8", architecture["classes"]),
    ):
        tensors[f"{name}/weights"] = _signs(rng, size, units, DENSE_TAPS)
        tensors[f"{name}/biases"] = np.zeros(units, np.float32)
        size = units
    return tensors


def check_exact(ends):
    """Every value a whole number that float32 holds, and sums of its neighbours too."""
    for name, value in ends.items():
        largest = np.abs(value).max()
        if largest >= EXACT_BELOW / 8 or not np.array_equal(value, np.round(value)):
            raise ValueError(f"{name} is not exact: largest value {largest}")


def _signs(rng, inputs, units, taps):
    matrix = np.zeros((inputs, units), np.float32)
    for unit in range(units):
        at = rng.choice(inputs, taps, replace=False)
        matrix[at, unit] = np.repeat([1, -1], taps // 2)
    return matrix
