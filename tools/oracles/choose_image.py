"""Picks, of a few seeded images, the one on which two correct engines agree best.

Where a ReLU's input lies within rounding error of zero, one engine opens it and another does not, and
the gradient below jumps: in a net of random weights a single such unit moves a Grad-CAM by 1e-4. The
image is chosen so that the units between endpoint and logits keep clear of zero by more than that, and
the cells of a max pool's window of one another.
"""

import numpy as np
import tensorflow as tf

from pool_windows import nearest_tie
from relu_rules import ACTIVATIONS
from slim_nets import forward
from textured_images import model_input, textured_image
from variable_sources import StoredVariables


def choose_image_seed(architecture, tensors, first_seed, *, count, tail, pools=()):
    """(seed, margin): the least distance to a kink in the last `tail` activations, and in the max pools
    behind the endpoints `pools`, in their spread."""
    settings = architecture["input"]
    source = StoredVariables(tensors)
    best = (-1.0, first_seed)
    for seed in range(first_seed, first_seed + count):
        pixels = textured_image(seed, settings["height"], settings["width"])
        margins = []
        x = tf.constant(model_input(pixels, settings))
        ends = forward(architecture, source, x, lambda name: _recording(name, margins))
        ties = [nearest_tie(ends[name].numpy()[0]) / ends[name].numpy().std() for name in pools]
        best = max(best, (float(min(margins[-tail:] + ties)), seed))
    return best[1], best[0]


def _recording(name, margins):
    def activation(x):
        distance = np.abs(x.numpy())
        if name == "relu6":
            distance = np.minimum(distance, np.abs(x.numpy() - 6))
        margins.append(float(distance.min() / x.numpy().std()))
        return ACTIVATIONS[name](x)

    return activation
