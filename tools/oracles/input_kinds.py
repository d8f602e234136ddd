# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/inputs from scratch: a small net for each way to take a picture, by Keras.

    python tools/oracles/input_kinds.py

For each net: the tfjs model, the picture, what Keras says of it, and for the class of each case the score and
Grad-CAM at the last activation (Selvaraju et al. 2017, before the ReLU), in float64. How the picture becomes the
input is written here in NumPy, by the rules that docs/your-model.md states.
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

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/inputs"
SEED = 20261129
HEIGHT, WIDTH = 18, 24
"""Of the net by Teachable Machine, which takes a square."""
SIDE = 18
CLASSES = 4


def tail(x, classes=CLASSES, activation="softmax"):
    """Two convolutions, the mean over the picture, and the classes."""
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="edges")(x)
    x = layers.Conv2D(8, 3, padding="same", name="conv")(x)
    x = layers.ReLU(name="features")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return layers.Dense(classes, activation=activation, name="out")(x)


def colour():
    image = layers.Input((HEIGHT, WIDTH, 3), name="image")
    return keras.Model(image, tail(image))


def gray():
    image = layers.Input((HEIGHT, WIDTH, 1), name="image")
    return keras.Model(image, tail(image))


def no_channel_axis():
    image = layers.Input((HEIGHT, WIDTH), name="image")
    return keras.Model(image, tail(layers.Reshape((HEIGHT, WIDTH, 1), name="plane")(image)))


def channels_first():
    image = layers.Input((3, HEIGHT, WIDTH), name="image")
    return keras.Model(image, tail(layers.Permute((2, 3, 1), name="last")(image)))


def open_size():
    image = layers.Input((None, None, 3), name="image")
    return keras.Model(image, tail(image))


def rescaling():
    image = layers.Input((HEIGHT, WIDTH, 3), name="image")
    return keras.Model(image, tail(layers.Rescaling(1 / 127.5, offset=-1, name="to_unit")(image)))


def teachable_machine():
    """Two Sequentials within one, as its web page saves them."""
    body = keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 3), name="image"),
            layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="edges"),
            layers.Conv2D(8, 3, padding="same", name="conv"),
            layers.ReLU(name="features"),
            layers.GlobalAveragePooling2D(name="pool"),
        ],
        name="sequential_1",
    )
    head = keras.Sequential(
        [
            layers.Input((8,), name="means"),
            layers.Dense(10, activation="relu", name="dense_1"),
            layers.Dense(3, activation="softmax", use_bias=False, name="out"),
        ],
        name="sequential_3",
    )
    return keras.Sequential([body, head], name="sequential_4")


def embedding():
    """Numbers that are no classes, of length 1."""
    image = layers.Input((HEIGHT, WIDTH, 3), name="image")
    numbers = tail(image, 6, None)
    return keras.Model(image, layers.UnitNormalization(name="unit")(numbers))


def two_inputs():
    image = layers.Input((HEIGHT, WIDTH, 3), name="image")
    facts = layers.Input((2,), name="facts")
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="features")(image)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Concatenate(name="both")([x, facts])
    return keras.Model([image, facts], layers.Dense(CLASSES, activation="softmax", name="out")(x))


def four_channels():
    image = layers.Input((HEIGHT, WIDTH, 4), name="image")
    return keras.Model(image, tail(image))


def luma(rgb):
    """ITU-R BT.601."""
    return (rgb.astype(np.float64) @ [0.299, 0.587, 0.114])[..., None]


def on_white(rgba):
    share = rgba[..., 3:].astype(np.float64) / 255
    return np.floor(rgba[..., :3] * share + 255 * (1 - share) + 0.5)


def middle(rgb):
    left = (WIDTH - SIDE) // 2
    return rgb[:, left : left + SIDE].astype(np.float64)


# Name -> how the net is made, the picture's channels, and how a picture becomes its input.
NETS = {
    "colour": (colour, 3, lambda rgb: rgb / 255),
    "alpha": (colour, 4, lambda rgba: on_white(rgba) / 255),
    "gray": (gray, 3, lambda rgb: luma(rgb) / 255),
    "no-channel-axis": (no_channel_axis, 3, lambda rgb: luma(rgb)[..., 0] / 255),
    "channels-first": (channels_first, 3, lambda rgb: rgb.transpose(2, 0, 1) / 255),
    "open-size": (open_size, 3, lambda rgb: rgb / 255),
    "rescaling": (rescaling, 3, lambda rgb: rgb.astype(np.float64)),
    "teachable-machine": (teachable_machine, 3, lambda rgb: middle(rgb) / 127 - 1),
    "embedding": (embedding, 3, lambda rgb: rgb / 255),
}

# Nets that one picture alone cannot be explained with.
OTHERS = {"two-inputs": two_inputs, "four-channels": four_channels}

TEACHABLE = {
    "tfjsVersion": "1.7.4",
    "tmVersion": "2.4.10",
    "packageVersion": "0.8.4-alpha2",
    "packageName": "@teachablemachine/image",
    "timeStamp": "2026-11-29T00:00:00.000Z",
    "userMetadata": {},
    "modelName": "tm-my-image-model",
    "labels": ["mug", "plant", "nothing"],
    "imageSize": SIDE,
}


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    for seed, (name, (make, channels, prepare)) in enumerate(NETS.items()):
        random = np.random.default_rng(SEED + seed)
        picture = random.integers(0, 256, (HEIGHT, WIDTH, channels), dtype=np.uint8)
        model = build(make, random)
        folder = save(name, model, "keras3" if seed % 2 else "keras2")
        if name == "teachable-machine":
            write_json(folder / "metadata.json", TEACHABLE)
        write_json(folder / "expected.json", expectations(make, model, picture, prepare(picture)))
    for seed, (name, make) in enumerate(OTHERS.items()):
        save(name, build(make, np.random.default_rng(SEED + 100 + seed)), "keras3")


def build(make, random):
    """Weights of a size at which scores differ, and no ReLU is within rounding of zero."""
    model = make()
    for variable in model.trainable_variables:
        fan_in = np.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 1
        scale = 2.2 / np.sqrt(fan_in) if len(variable.shape) > 1 else 0.3
        variable.assign(random.normal(0, scale, variable.shape))
    return model


def save(name, model, form):
    folder = FOLDER / name
    folder.mkdir(parents=True)
    write_layers_model(folder, model, form)
    return folder


def expectations(make, model, picture, values):
    keras.config.set_dtype_policy("float64")
    exact = make()
    keras.config.set_dtype_policy("float32")
    exact.set_weights([np.asarray(weight, np.float64) for weight in model.get_weights()])
    flat = list(flat_layers(exact))
    x = tf.constant(values[None].astype(np.float64))
    for layer in flat:
        x = layer(x)
        if layer.name == "features":
            break
    features = x
    after = flat[[layer.name for layer in flat].index("features") + 1 :]
    cases = {}
    for index in range(2):
        with tf.GradientTape() as tape:
            tape.watch(features)
            logits = scores(features, after)
            score = logits[0, index]
        gradient = tape.gradient(score, features)[0].numpy()
        cases[str(index)] = {
            "score": float(score),
            "gradCam": float32((features[0].numpy() * gradient.mean((0, 1))).sum(-1)),
        }
    x = features
    for layer in after:
        x = layer(x)
    if x.dtype != tf.float64:
        raise TypeError(f"computed in {x.dtype}")
    return {
        "pixels": uint8(picture),
        "output": float32(x[0].numpy()),
        "logits": float32(logits[0].numpy()),
        "cases": cases,
    }


def flat_layers(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from flat_layers(layer)
        elif not isinstance(layer, layers.InputLayer):
            yield layer


def scores(x, after):
    """The output before its softmax."""
    for layer in after:
        last = layer is after[-1]
        if last and isinstance(layer, layers.Dense):
            x = x @ layer.kernel + (layer.bias if layer.use_bias else 0)
        else:
            x = layer(x)
    return x


if __name__ == "__main__":
    main()
