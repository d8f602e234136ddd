# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Compares the names and shapes our nets ask for with a list derived from TF-slim itself.

    python tools/oracles/check_variable_names.py slim_variables.json

Nothing is computed: the nets are traced over placeholders.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import sys

import tensorflow as tf

from architectures import resnet, vgg
from slim_nets import forward

NETS = {
    **{f"resnet_v{v}_{n}": resnet(v, n) for v in (1, 2) for n in (50, 101, 152)},
    **{f"vgg_{n}": vgg(n, form="slim") for n in (16, 19)},
}


class RecordedShapes:
    """Answers every request with a placeholder and remembers what was asked."""

    def __init__(self):
        self.shapes = {}

    def kernel(self, name, shape, x):
        self.shapes[name] = [int(size) for size in shape]
        return tf.compat.v1.placeholder(tf.float32, shape)

    def biased_kernel(self, name, bias_name, shape, x, apply):
        return self.kernel(name, shape, x), self.kernel(bias_name, shape[-1:], None)

    def batch_norm(self, scope, x):
        parts = ("gamma", "beta", "moving_mean", "moving_variance")
        return [self.kernel(f"{scope}/{part}", (x.shape[-1],), None) for part in parts]


def recorded_shapes(architecture):
    settings = architecture["input"]
    with tf.Graph().as_default():
        source = RecordedShapes()
        size = (1, settings["height"], settings["width"], 3)
        forward(architecture, source, tf.compat.v1.placeholder(tf.float32, size))
    return source.shapes


def main(path):
    with open(path, encoding="utf-8") as file:
        published = json.load(file)["variables"]
    wrong = 0
    for name, architecture in NETS.items():
        ours = recorded_shapes(architecture)
        same = ours == published[name]
        wrong += not same
        print(f"{name}: {len(ours)} variables, {'as published' if same else 'DIFFERENT'}")
        for key in sorted(set(ours) ^ set(published[name]))[:10]:
            print(f"  only in {'ours' if key in ours else 'the list'}: {key}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
