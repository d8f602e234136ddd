# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "h5py==3.14.0", "numpy==2.4.6", "pillow==12.0.0"]
# ///
"""What Keras says of a photo with a net that Teachable Machine has exported for Keras.

    python tools/oracles/teachable_machine.py EXPORT.h5 PHOTO.png

Keras 3 does not load such a file, so the net is built anew: each layer from its own configuration in the
file, with the weights that the file lists for it. The photo is prepared as Teachable Machine's own sample
code does it: RGB, the square in the middle, `pixel / 127.5 - 1`. The photo must have the net's size, so that
no resampling takes part. Prints the probabilities as JSON.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import sys

import h5py
import keras
import numpy as np
from PIL import Image

# Attributes that say what a layer computes; Keras 3 refuses some of the others of Keras 2.
KEPT = {
    "Conv2D": ["filters", "kernel_size", "strides", "padding", "use_bias", "activation"],
    "DepthwiseConv2D": ["kernel_size", "strides", "padding", "use_bias", "activation"],
    "BatchNormalization": ["epsilon", "center", "scale"],
    "ZeroPadding2D": ["padding"],
    "ReLU": ["max_value"],
    "Add": [],
    "GlobalAveragePooling2D": [],
    "Dense": ["units", "activation", "use_bias"],
}


def find_weights(file: h5py.File) -> dict[str, list[np.ndarray]]:
    """The weights of each layer by the layer's name, in the file's order."""
    found: dict[str, list[tuple[str, np.ndarray]]] = {}
    root = file["model_weights"]
    for group in root.attrs["layer_names"]:
        for name in root[group].attrs["weight_names"]:
            text = name.decode() if isinstance(name, bytes) else name
            layer, _, kind = text.rpartition("/")
            array = np.asarray(root[group][text])
            found.setdefault(layer.split("/")[-1], []).append((kind, array))
    order = ["gamma:0", "beta:0", "moving_mean:0", "moving_variance:0"]
    return {
        layer: [
            array
            for _, array in sorted(
                pairs, key=lambda pair: order.index(pair[0]) if pair[0] in order else -1
            )
        ]
        for layer, pairs in found.items()
    }


def make(record: dict) -> keras.Layer:
    config = record["config"]
    kept = {key: config[key] for key in KEPT[record["class_name"]]}
    return getattr(keras.layers, record["class_name"])(name=config["name"], **kept)


def apply(record: dict, value, layers: list[keras.Layer]):
    """Builds a layer, or all layers of a model, on a value."""
    config = record["config"]
    if record["class_name"] == "InputLayer":
        return value
    if record["class_name"] == "Sequential":
        for child in config["layers"]:
            value = apply(child, value, layers)
        return value
    if "layers" not in config:
        layers.append(make(record))
        return layers[-1](value)
    values = {}
    for child in config["layers"]:
        calls = child["inbound_nodes"]
        if not calls:
            values[child["name"]] = value
            continue
        inputs = [values[source[0]] for source in calls[0]]
        values[child["name"]] = apply(child, inputs if len(inputs) > 1 else inputs[0], layers)
    return values[config["output_layers"][0][0]]


def main() -> None:
    export, photo = sys.argv[1:]
    with h5py.File(export) as file:
        weights = find_weights(file)
        net = json.loads(file.attrs["model_config"])
    size = net["config"]["layers"][0]["config"]["batch_input_shape"][1:]
    image = np.asarray(Image.open(photo).convert("RGB"))
    assert list(image.shape) == size, f"expected a photo of {size}, found {image.shape}"
    start = keras.Input(tuple(size))
    layers: list[keras.Layer] = []
    model = keras.Model(start, apply(net, start, layers))
    for layer in layers:
        if layer.weights:
            layer.set_weights(weights.pop(layer.name))
    assert not weights, f"not used: {sorted(weights)}"
    found = model.predict(image[None].astype(np.float32) / 127.5 - 1, verbose=0)
    print(json.dumps([float(value) for value in found[0]]))


if __name__ == "__main__":
    main()
