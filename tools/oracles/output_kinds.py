# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/outputs from scratch: a small net for each kind of output, by Keras.

    python tools/oracles/output_kinds.py

For each net: the tfjs model, the pixels, what Keras says of them, and for each target the score, its
gradient's norm and Grad-CAM at the layer `features` (Selvaraju et al. 2017, before the ReLU), in float64.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from fixture_json import float32, uint8, write_json
from layers_model_files import write_layers_model

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/outputs"
SEED = 20261128
HEIGHT, WIDTH = 18, 24
"""The output with rows and columns has half of them: a cell is two pixels wide."""
ROWS, COLUMNS = HEIGHT // 2, WIDTH // 2


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    pixels = np.random.default_rng(SEED).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    for seed, (name, (head, targets)) in enumerate(NETS.items()):
        keras.utils.set_random_seed(SEED + seed)
        image, features = body()
        model = keras.Model(image, head(features), name=name)
        spread(model, np.random.default_rng(SEED + 100 + seed))
        balance(model, pixels)
        folder = FOLDER / name
        folder.mkdir(parents=True)
        write_layers_model(folder, model, "keras3" if seed % 2 else "keras2")
        write_json(folder / "expected.json", expectations(model, pixels, targets))


def body():
    image = layers.Input((HEIGHT, WIDTH, 3), name="image")
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="edges")(image)
    x = layers.Conv2D(8, 3, padding="same", name="conv")(x)
    return image, layers.ReLU(name="features")(x)


def spread(model, random):
    """Weights of a size at which several classes win somewhere, and no ReLU is within rounding of zero."""
    for variable in model.trainable_variables:
        fan_in = np.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 1
        scale = 2.2 / np.sqrt(fan_in) if len(variable.shape) > 1 else 0.3
        variable.assign(random.normal(0, scale, variable.shape))


def balance(model, pixels):
    """Scores of every pixel's class have mean 0 over this picture, so that each class wins somewhere."""
    last = next((one for one in model.layers if one.name == "scores"), model.layers[-1])
    if isinstance(last, layers.Conv2D) and last.filters > 1:
        x = tf.constant(pixels[None].astype(np.float32) / 255)
        linear = keras.Model(model.input, last.input)
        scores = tf.nn.conv2d(linear(x), last.kernel, 1, "SAME")
        last.bias.assign(-tf.reduce_mean(scores, (0, 1, 2)))


def per_pixel(channels, activation, name="out"):
    def head(features):
        return layers.Conv2D(channels, 1, activation=activation, name=name)(features)

    return head


def vector(size, activation, name="out"):
    def head(features):
        pooled = layers.GlobalAveragePooling2D(name="pool")(features)
        return layers.Dense(size, activation=activation, name=name)(pooled)

    return head


def two_heads(features):
    pooled = layers.GlobalAveragePooling2D(name="pool")(features)
    age = layers.Dense(3, activation="softmax", name="age")(pooled)
    return [age, layers.Dense(5, activation="softmax", name="kind")(pooled)]


def flat_segmentation(features):
    scores = layers.Conv2D(4, 1, name="scores")(features)
    flat = layers.Reshape((ROWS * COLUMNS, 4), name="flat")(scores)
    return layers.Activation("softmax", name="out")(flat)


def table(features):
    pooled = layers.GlobalAveragePooling2D(name="pool")(features)
    return layers.Reshape((6, 5), name="out")(layers.Dense(30, name="numbers")(pooled))


# A target as a person writes it -> the weights of its score over the logits [..], by the logits [..].
def region(index, sign=1, within=None):
    def weights(scores, activation):
        mask = np.zeros(scores.shape[:-1])
        if scores.shape[-1] == 1:
            above = scores[..., 0] > 0
            chosen = above if index == 1 else ~above
            sign_of = 1 if index == 1 else -1
            channel = 0
        else:
            best = scores.argmax(-1) == index
            chosen = scores[..., index] > 0 if activation == "sigmoid" else best
            sign_of, channel = 1, index
        mask[chosen] = 1
        if within is not None:
            rows, columns = within
            kept = np.zeros_like(mask)
            kept[rows[0] : rows[1], columns[0] : columns[1]] = 1
            mask = mask * kept
        result = np.zeros(scores.shape)
        result[..., channel] = sign * sign_of * mask
        return result

    return weights


def rather_than(a, b):
    def weights(scores, _):
        best = scores.argmax(-1) == a
        result = np.zeros(scores.shape)
        result[..., a][best] = 1
        result[..., b][best] -= 1
        return result

    return weights


def element(*at, sign=1):
    def weights(scores, _):
        result = np.zeros(scores.shape)
        result[at] = sign
        return result

    return weights


def everything(scores, _):
    return np.ones(scores.shape)


NETS = {
    "segmentation": (
        per_pixel(4, "softmax"),
        {
            "region:0": region(0),
            "region:2": region(2),
            "1": region(1),
            "not:2": region(2, sign=-1),
            "0:1": rather_than(0, 1),
            # x 7 and y 9 of 24 x 18 pixels are in column 3 and row 4 of 12 x 9 cells.
            "pixel:2@7,9": element(4, 3, 2),
            # Pixels 4..14 and 2..10 have the centres of columns 2..6 and rows 1..4 in them.
            "region:0@4,2,10,8": region(0, within=((1, 5), (2, 7))),
            "element:8,11,3": element(8, 11, 3),
        },
    ),
    "segmentation-flat": (
        flat_segmentation,
        {"region:1": region(1), "pixel:3@0,17": element(8 * COLUMNS, 3)},
    ),
    "segmentation-scores": (per_pixel(3, None), {"region:1": region(1), "region:2": region(2)}),
    "masks": (per_pixel(3, "sigmoid"), {"region:0": region(0), "region:2": region(2)}),
    "mask": (
        per_pixel(1, "sigmoid"),
        {"region:1": region(1), "region:0": region(0), "pixel:0@23,0": element(0, 11, 0, sign=-1)},
    ),
    "density": (per_pixel(1, None), {"value": everything, "element:3,4,0": element(3, 4, 0)}),
    "regression": (vector(1, None), {"value": element(0)}),
    "coordinates": (vector(4, None), {"2": element(2), "element:3": element(3)}),
    "binary": (
        vector(1, "sigmoid"),
        {"1": element(0), "0": element(0, sign=-1), "not:1": element(0, sign=-1)},
    ),
    "labels": (vector(5, "sigmoid"), {"3": element(3), "not:0": element(0, sign=-1)}),
    "two-heads": (two_heads, {"2": element(2)}),
    "table": (table, {"element:2,3": element(2, 3), "element:29": element(5, 4)}),
}


def expectations(model, pixels, targets):
    x = tf.constant(pixels[None].astype(np.float64) / 255)
    exact = in_float64(model)
    features, *outputs = exact(x)
    first = model.output_names[0]
    cases = {}
    for target, weigh in targets.items():
        with tf.GradientTape() as tape:
            tape.watch(features)
            scores = exact.tail(features)[first]
            weights = weigh(scores[0].numpy(), exact.activation)
            score = tf.reduce_sum(scores[0] * weights)
        gradient = tape.gradient(score, features)[0].numpy()
        activations = features[0].numpy()
        cases[target] = {
            "score": float(score),
            "gradientNorm": float(np.sqrt((gradient**2).sum())),
            "cells": int(np.count_nonzero(np.any(weights != 0, -1))),
            "gradCam": float32((activations * gradient.mean((0, 1))).sum(-1)),
        }
    return {
        "pixels": uint8(pixels),
        "outputs": {
            name: float32(value[0].numpy()) for name, value in zip(model.output_names, outputs)
        },
        "logits": float32(exact.tail(features)[first][0].numpy()),
        "cases": cases,
    }


class in_float64:
    """The same net layer by layer in float64: Keras's own float32 weights, no rounding between."""

    def __init__(self, model):
        self.model = model
        last = model.get_layer(model.output_names[0])
        self.activation = getattr(last, "activation", keras.activations.linear).__name__

    def __call__(self, x):
        values = {"image": x}
        for layer in self.model.layers[1:]:
            source = layer.input._keras_history.operation.name
            values[layer.name] = apply(layer, values[source], with_activation=True)
        return [values["features"], *(values[name] for name in self.model.output_names)]

    def tail(self, features):
        """Every output before its activation, from the features on."""
        values, logits = {"features": features}, {}
        start = [layer.name for layer in self.model.layers].index("features")
        for layer in self.model.layers[start + 1 :]:
            source = values[layer.input._keras_history.operation.name]
            values[layer.name] = apply(layer, source, with_activation=True)
            logits[layer.name] = apply(layer, source, with_activation=False)
        return logits


def apply(layer, x, with_activation):
    weights = [tf.constant(np.asarray(w, np.float64)) for w in layer.weights]
    activation = layer.activation if with_activation and hasattr(layer, "activation") else None
    match type(layer).__name__:
        case "Conv2D":
            y = tf.nn.conv2d(x, weights[0], layer.strides, layer.padding.upper()) + weights[1]
        case "Dense":
            y = x @ weights[0] + weights[1]
        case "ReLU":
            y = tf.nn.relu(x)
        case "GlobalAveragePooling2D":
            y = tf.reduce_mean(x, (1, 2))
        case "Reshape":
            y = tf.reshape(x, (-1, *layer.target_shape))
        case "Activation":
            y = x
        case other:
            raise ValueError(f"no float64 of {other}")
    return y if activation is None else activation(y)


if __name__ == "__main__":
    main()
