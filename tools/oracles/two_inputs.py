# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/two-inputs from scratch: Keras nets that take something beside a picture.

    python tools/oracles/two_inputs.py

For each net: the tfjs model, of the net with two pictures also a GraphModel; pixels and numbers that go in; what the net says in float64; and for each of its
pictures Grad-CAM of the most probable class (Selvaraju et al. 2017, before the ReLU) at that branch's layer.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from fixture_json import float32, uint8, write_json
from frozen_nets import SHARD, Frozen, pack_graph, stated
from layers_model_files import write_layers_model
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/two-inputs"
SEED = 20261129
SIZE = (18, 24)
SMALL = (12, 16)
CLASSES = 5


def branch(x, name):
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name=f"{name}_edges")(x)
    x = layers.Conv2D(8, 3, padding="same", name=f"{name}_conv")(x)
    return layers.ReLU(name=f"{name}_features")(x)


def head(parts):
    x = layers.Concatenate(name="both")(parts)
    return layers.Dense(CLASSES, activation="softmax", name="out")(x)


def pool(x, name):
    return layers.GlobalAveragePooling2D(name=f"{name}_pool")(x)


def image_vector():
    image = layers.Input((*SIZE, 3), name="image")
    facts = layers.Input((4,), name="facts")
    told = layers.Dense(6, activation="relu", name="told")(facts)
    return keras.Model([image, facts], head([pool(branch(image, "image"), "image"), told]), name="image-vector")


def image_image():
    """The second scales its own pixels, the first does not; they are of two sizes."""
    left = layers.Input((*SIZE, 3), name="left")
    right = layers.Input((*SMALL, 3), name="right")
    scaled = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(right)
    parts = [pool(branch(left, "left"), "left"), pool(branch(scaled, "right"), "right")]
    return keras.Model([left, right], head(parts), name="image-image")


def image_mask():
    image = layers.Input((*SIZE, 3), name="image")
    mask = layers.Input((SIZE[0] // 2, SIZE[1] // 2, 1), name="mask")
    edges = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="image_edges")(image)
    x = layers.Concatenate(name="masked")([edges, mask])
    x = layers.ReLU(name="image_features")(layers.Conv2D(8, 3, padding="same", name="image_conv")(x))
    x = layers.Dense(CLASSES, activation="softmax", name="out")(pool(x, "image"))
    return keras.Model([image, mask], x, name="image-mask")


# What goes in: seeds of pictures, or numbers; and how 0..255 becomes what the input takes.
NETS = {
    "image-vector": (image_vector, {"image": 1}, {"facts": [0.5, -1.25, 2, 0.125]}),
    "image-image": (image_image, {"left": 2, "right": 3}, {}),
    "image-mask": (image_mask, {"image": 4}, {"mask": None}),
}


def build(make, dtype):
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    return make()


def spread(model, random):
    """Weights of a size at which no class is sure, and few ReLUs are within rounding of zero."""
    for variable in model.trainable_variables:
        fan_in = np.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 1
        scale = 2.2 / np.sqrt(fan_in) if len(variable.shape) > 1 else 0.3
        variable.assign(random.normal(0, scale, variable.shape))


def disc(height, width):
    """A mask of 0 and 255 with soft edges."""
    rows, columns = np.mgrid[0:height, 0:width]
    distance = np.hypot(rows - height * 0.4, columns - width * 0.6)
    return np.clip(255 * (4.5 - distance), 0, 255).round().astype(np.uint8)


def grad_cam(model, values, layer, index):
    """Of the logit: the gradient of the score before the softmax."""
    last = model.get_layer("out")
    inner = keras.Model(model.inputs, [model.get_layer(layer).output, last.input])
    with tf.GradientTape() as tape:
        features, before = inner(values)
        tape.watch(features)
        logits = tail(model, layer, features, values) @ tf.cast(last.kernel, tf.float64) + last.bias
        score = logits[:, index]
    gradient = tape.gradient(score, features)[0].numpy()
    assert np.allclose(logits, before @ last.kernel + last.bias)
    return (features[0].numpy() * gradient.mean((0, 1))).sum(-1)


def tail(model, layer, features, values):
    """What goes into the last layer, computed from the features of one branch on."""
    side = layer.removesuffix("_features")
    pooled = tf.reduce_mean(features, (1, 2))
    names = [one.name for one in model.layers]
    if "both" not in names:
        return pooled
    rest = keras.Model(model.inputs, model.get_layer("both").input)(values)
    place = [one._keras_history.operation.name for one in model.get_layer("both").input].index(f"{side}_pool")
    return tf.concat([pooled if i == place else part for i, part in enumerate(rest)], -1)


def write_frozen(folder, model):
    """The model, frozen by TensorFlow and packed as a tfjs GraphModel."""
    specs = [tf.TensorSpec(one.shape, tf.float32, name=one.name) for one in model.inputs]
    call = tf.function(lambda *given: model(list(given), training=False)).get_concrete_function(*specs)
    graph = convert_variables_to_constants_v2(call)
    frozen = Frozen(graph.graph.as_graph_def())
    output = graph.outputs[0].name
    frozen.prune(output.split(":")[0])
    inputs = {
        one.name: stated(f"{one.name}:0", shape=(-1, *one.shape[1:])) for one in specs
    }
    value, data = pack_graph(frozen, inputs, {"probabilities": stated(output)})
    folder.mkdir()
    (folder / SHARD).write_bytes(data)
    (folder / "model.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    for seed, (name, (make, pictures, numbers)) in enumerate(NETS.items()):
        model = build(make, "float32")
        spread(model, np.random.default_rng(SEED + seed))
        folder = FOLDER / name
        folder.mkdir(parents=True)
        write_layers_model(folder, model, "keras3" if seed % 2 else "keras2")
        if name == "image-image":
            write_frozen(folder / "graph", model)

        exact = build(make, "float64")
        exact.set_weights([np.asarray(w, np.float64) for w in model.get_weights()])
        pixels, given = {}, {}
        for own in exact.inputs:
            if own.name in pictures:
                pixels[own.name] = textured_image(SEED + pictures[own.name], *own.shape[1:3])
            elif numbers[own.name] is None:
                pixels[own.name] = disc(*own.shape[1:3])[..., None]
        values = []
        for own in exact.inputs:
            if own.name in pixels:
                scale = 1 if own.name == "right" else 255
                values.append(tf.constant(pixels[own.name][None].astype(np.float64) / scale))
            else:
                values.append(tf.constant([numbers[own.name]], tf.float64))
        out = exact(values).numpy()[0]
        index = int(out.argmax())
        maps = {side: float32(grad_cam(exact, values, f"{side}_features", index)) for side in pictures}
        print(name, out.round(3), index)
        write_json(
            folder / "expected.json",
            {
                "pixels": {one: uint8(array) for one, array in pixels.items()},
                "numbers": {one: list for one, list in numbers.items() if list is not None},
                "probabilities": float32(out),
                "class": index,
                "gradCam": maps,
            },
        )
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/two_inputs.py` (one command, from scratch) with TensorFlow {tf.__version__}, Keras
{keras.__version__}, NumPy {np.__version__} on CPU; seed {SEED}. Random weights, computed pictures; values in float64.
"""
    )


if __name__ == "__main__":
    main()
