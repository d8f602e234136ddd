"""Draws a net's weights by letting random images through it once."""

import tensorflow as tf

from slim_nets import forward
from textured_images import model_input, textured_image
from variable_sources import DrawnVariables


def draw_net(architecture, seed, *, images, sparse=()):
    """{variable name: array} in the order in which the net uses them."""
    settings = architecture["input"]
    size = settings["height"], settings["width"]
    batch = [model_input(textured_image(seed + 1 + i, *size), settings) for i in range(images)]
    source = DrawnVariables(seed, sparse=sparse, logits=("logits", "fc8", "Conv2d_1c_1x1"))
    forward(architecture, source, tf.concat(batch, 0))
    return source.tensors


def vgg_npy_layers(tensors, order=None):
    """The variables of a VGG in "npy" form as the dict of the .npy file: {"conv1_1": [W, b]}."""
    names = order or dict.fromkeys(name.rsplit("/", 1)[0] for name in tensors)
    for name in names:
        yield name, [tensors[f"{name}/weights"], tensors[f"{name}/biases"]]


def vgg_slim_variables(tensors, scope, grid):
    """The same net in TF-slim's form: other names, fc layers as convolutions, RGB for BGR."""
    renamed = {}
    for name, array in tensors.items():
        layer, part = name.rsplit("/", 1)
        if layer.startswith("conv"):
            if layer == "conv1_1" and part == "weights":
                array = array[:, :, ::-1]  # the input's channels come in the other order
            renamed[f"{scope}/{layer.split('_')[0]}/{layer}/{part}"] = array.copy()
            continue
        if part == "weights":
            size = grid if layer == "fc6" else 1
            array = array.reshape(size, size, -1, array.shape[1])  # row = (h * grid + w) * C + c
        renamed[f"{scope}/{layer}/{part}"] = array
    return renamed
