"""Weights of a VGG and a ResNet v1 of which every sum is a whole number below 2^24: exact in float32,
in any order.

With random weights some of the ten million ReLUs lie within rounding of zero, and right engines open
different ones. Here nothing is rounded on the way forward, so activations are equal to the bit and
gradients have no such excuse. Ties, of zeros and others, are everywhere: they test the max pools too.
"""

import numpy as np

# Taps of one unit that are not zero, half of them -1: a layer's spread grows by the root of half.
CONV_TAPS = 4
DENSE_TAPS = 64
# Of a ResNet: one of each sign, since its sums also add up from unit to unit.
UNIT_TAPS = 2
ROOT_TAPS = 8
# Of its head: the mean over 7 x 7 cells divides by 49, and float32's 49 * (1 / 49) is 1.
HEAD_SCALE = 49
# A variance so large that epsilon vanishes beside it, in float64 too; its root is a power of two.
VARIANCE_EXPONENT = 60
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


def draw_integer_resnet(architecture, seed):
    """A ResNet v1; its batch normalisations are x -> +-(x - mean) + beta in whole numbers."""
    return _ResNetDrawer(seed).draw(architecture)


class _ResNetDrawer:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.tensors = {}

    def draw(self, architecture):
        scope, depth = architecture["scope"], architecture["rootChannels"]
        # Statistics follow what flows: pixels less their mean are some 50 wide, and each unit adds
        # a branch about as wide as its shortcut.
        width = 60
        self.convolution(f"{scope}/conv1", (7, 7, 3, depth), ROOT_TAPS, width)
        for block in architecture["blocks"]:
            base = block["baseDepth"]
            for i in range(1, block["units"] + 1):
                name = f"{scope}/{block['name']}/unit_{i}/bottleneck_v1"
                if depth != 4 * base:
                    self.convolution(f"{name}/shortcut", (1, 1, depth, 4 * base), UNIT_TAPS, width)
                self.convolution(f"{name}/conv1", (1, 1, depth, base), UNIT_TAPS, width)
                self.convolution(f"{name}/conv2", (3, 3, base, base), UNIT_TAPS, width)
                self.convolution(f"{name}/conv3", (1, 1, base, 4 * base), UNIT_TAPS, width)
                depth = 4 * base
                width *= 1.3
        classes = architecture["classes"]
        head = HEAD_SCALE * _signs(self.random, depth, classes, depth)
        self.tensors[f"{scope}/logits/weights"] = head.reshape(1, 1, depth, classes)
        self.tensors[f"{scope}/logits/biases"] = np.zeros(classes, np.float32)
        return self.tensors

    def convolution(self, name, shape, taps, width):
        kernel = _signs(self.random, int(np.prod(shape[:-1])), shape[-1], taps)
        self.tensors[f"{name}/weights"] = kernel.reshape(shape)
        channels, draw = shape[-1], self.random
        exponent = draw.integers(-3, 4, channels)
        sign = np.where(draw.random(channels) < 0.5, -1, 1)
        values = {
            "gamma": sign * 2.0 ** (VARIANCE_EXPONENT / 2 + exponent),
            "beta": np.round(draw.normal(0, 0.3 * width, channels)),
            "moving_mean": np.round(draw.normal(0, 0.3 * width, channels)),
            "moving_variance": 2.0 ** (VARIANCE_EXPONENT + 2 * exponent),
        }
        for part, value in values.items():
            self.tensors[f"{name}/BatchNorm/{part}"] = value.astype(np.float32)


def check_exact(values, room=8):
    """Every value, by name, a whole number that float32 holds, with `room` for the parts of a sum."""
    for name, value in values.items():
        largest = np.abs(value).max()
        if largest >= EXACT_BELOW / room or not np.array_equal(value, np.round(value)):
            raise ValueError(f"{name} is not exact: largest value {largest}")


def _signs(rng, inputs, units, taps):
    matrix = np.zeros((inputs, units), np.float32)
    for unit in range(units):
        at = rng.choice(inputs, taps, replace=False)
        matrix[at, unit] = np.repeat([1, -1], taps // 2)
    return matrix
