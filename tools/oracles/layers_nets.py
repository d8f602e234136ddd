# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/layers: nets with recurrent and self-made layers, explained.

python tools/oracles/layers_nets.py
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

from cam_formulas import maps_and_scales
from fixture_json import float32, rounded, write_json
from layers_model_files import write_layers_model
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/layers"
SEED = 11


@keras.saving.register_keras_serializable("Test")
class SoftGate(layers.Layer):
    """relu(x) * sigmoid(slope * x + shift), slope an attribute, shift a weight for each channel."""

    def __init__(self, slope=1.0, **kwargs):
        super().__init__(**kwargs)
        self.slope = slope

    def build(self, shape):
        self.shift = self.add_weight(name="shift", shape=(shape[-1],))

    def call(self, x):
        return keras.ops.relu(x) * keras.ops.sigmoid(self.slope * x + self.shift)

    def get_config(self):
        return {**super().get_config(), "slope": self.slope}


def trunk(image, filters=8):
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="conv1")(image)
    x = layers.MaxPooling2D(2, name="pool")(x)
    return layers.Conv2D(filters, 3, padding="same", activation="relu", name="conv2")(x)


def captioner():
    """Image and the words before: two branches that meet behind the LSTM; padded words are masked."""
    image, words = keras.Input((20, 20, 3), name="image"), keras.Input((6,), name="words")
    x = layers.GlobalAveragePooling2D(name="average")(trunk(image))
    x = layers.Dense(10, activation="relu", name="seen")(x)
    y = layers.Embedding(13, 7, mask_zero=True, name="embedding")(words)
    y = layers.Dropout(0.3, name="dropout")(y)
    y = layers.LSTM(10, dropout=0.2, name="lstm")(y)
    x = layers.Dense(12, activation="relu", name="joined")(layers.Add(name="add")([x, y]))
    return [image, words], layers.Dense(13, name="word")(x)


def captioner_from_state():
    """The image is the LSTM's initial state: every gradient at the image goes through the LSTM."""
    image, words = keras.Input((20, 20, 3), name="image"), keras.Input((6,), name="words")
    x = layers.GlobalAveragePooling2D(name="average")(trunk(image))
    hidden = layers.Dense(9, activation="tanh", name="hidden")(x)
    memory = layers.Dense(9, name="memory")(x)
    y = layers.Embedding(13, 7, mask_zero=True, name="embedding")(words)
    y = layers.LSTM(9, name="lstm")(y, initial_state=[hidden, memory])
    return [image, words], layers.Dense(13, name="word")(y)


def text_line():
    """Columns of the last map as time steps, as readers of text lines do it."""
    image = keras.Input((16, 24, 3), name="image")
    x = trunk(image)
    x = layers.Permute((2, 1, 3), name="columns")(x)
    x = layers.Reshape((6, 32), name="steps")(x)
    x = layers.GRU(9, reset_after=False, return_sequences=True, name="gru")(x)
    x = layers.Bidirectional(layers.LSTM(5, return_sequences=True), name="both_ways")(x)
    x = layers.TimeDistributed(layers.Dense(4, activation="tanh"), name="each")(x)
    x = layers.SimpleRNN(8, go_backwards=True, name="rnn")(x)
    return [image], layers.Dense(5, name="letter")(x)


def captioner_by_gru():
    """As `captioner`, by the GRU that Keras builds by default (`reset_after`); padded words are masked."""
    image, words = keras.Input((20, 20, 3), name="image"), keras.Input((6,), name="words")
    x = layers.GlobalAveragePooling2D(name="average")(trunk(image))
    x = layers.Dense(10, activation="relu", name="seen")(x)
    y = layers.Embedding(13, 7, mask_zero=True, name="embedding")(words)
    y = layers.GRU(10, dropout=0.2, name="gru")(y)
    x = layers.Dense(12, activation="tanh", name="joined")(layers.Multiply(name="multiply")([x, y]))
    return [image, words], layers.Dense(13, name="word")(x)


def text_line_by_gru():
    """Such GRUs after one another: in both directions, as a cell, and backwards, from a state, without biases."""
    image = keras.Input((16, 24, 3), name="image")
    features = trunk(image)
    x = layers.Permute((2, 1, 3), name="columns")(features)
    x = layers.Reshape((6, 32), name="steps")(x)
    x = layers.GRU(9, return_sequences=True, activation="relu", name="gru")(x)
    x = layers.Bidirectional(layers.GRU(5, return_sequences=True), name="both_ways")(x)
    x = layers.RNN(layers.GRUCell(8), return_sequences=True, name="cells")(x)
    start = layers.GlobalMaxPooling2D(name="maximum")(features)
    x = layers.GRU(8, go_backwards=True, use_bias=False, name="back")(x, initial_state=[start])
    return [image], layers.Dense(5, name="letter")(x)


def frames():
    """Halves of a map as frames of a film: TimeDistributed convolution and ConvLSTM2D."""
    image = keras.Input((16, 24, 3), name="image")
    x = trunk(image)
    x = layers.Reshape((2, 2, 6, 8), name="frames")(x)
    x = layers.TimeDistributed(layers.Conv2D(5, 3, padding="same", activation="tanh"), name="each")(x)
    x = layers.ConvLSTM2D(6, 3, padding="same", name="film")(x)
    x = layers.Conv2D(8, 1, activation="relu", name="last")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return [image], layers.Dense(5, name="act")(x)


def gated():
    """A layer that its user has written and registered."""
    image = keras.Input((20, 20, 3), name="image")
    x = SoftGate(slope=1.5, name="gate")(trunk(image))
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="conv3")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return [image], layers.Dense(5, name="kind")(x)


NETS = {
    "captioner": (captioner, "keras3", ["conv1", "conv2"]),
    "captioner-from-state": (captioner_from_state, "keras3", ["conv1", "conv2"]),
    "text-line": (text_line, "keras3", ["conv2"]),
    "frames": (frames, "keras3", ["conv2", "film", "last"]),
    "gated": (gated, "keras3", ["conv2", "gate", "conv3"]),
    "captioner-by-gru": (captioner_by_gru, "keras3", ["conv1", "conv2"]),
    "text-line-by-gru": (text_line_by_gru, "keras3", ["conv2"]),
}
WORDS = np.array([[4, 1, 9, 0, 0, 0]], np.float32)


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    for i, (name, (build, form, taps)) in enumerate(NETS.items()):
        folder = FOLDER / name
        folder.mkdir(parents=True)
        write_net(folder, name, build, form, taps, SEED + 10 * i)
        print(f"{sum(path.stat().st_size for path in folder.iterdir()):7d}  {name}")
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/layers_nets.py` (one command, from scratch) with TensorFlow {tf.__version__},
Keras {keras.__version__}, NumPy {np.__version__} on CPU; seed {SEED}. Random weights, computed images.

Each folder is a tfjs LayersModel (`model.json`, one shard) with layers that our op set does not have.
`expected.json`: inputs, logits, and for each tap its activations, the gradients and Grad-CAM of two
scores (`logit@class`, `logProbability@class`), and the image's gradient. Computed in float64, stored as
base64 of little-endian float32.
"""
    )


def write_net(folder, name, build, form, taps, seed):
    filed = model_of(build, name, "float32", softmax=True)
    randomise(filed, seed)
    measured = model_of(build, name, "float64", softmax=False)
    measured.set_weights(filed.get_weights())
    size = filed.inputs[0].shape[1:3]
    image = textured_image(seed, *size).astype(np.float32)[None] / np.float32(127.5) - 1
    inputs = [image, WORDS][: len(filed.inputs)]
    value = explain(measured, inputs, taps)
    np.testing.assert_allclose(
        np.asarray(filed(inputs)), value.pop("probabilities"), rtol=1e-4, atol=1e-6
    )
    write_layers_model(folder, filed, form)
    write_json(folder / "expected.json", value)


def model_of(build, name, dtype, softmax):
    keras.config.set_dtype_policy(dtype)
    inputs, logits = build()
    output = layers.Softmax(name="probabilities")(logits) if softmax else logits
    return keras.Model(inputs, output, name=name.replace("-", "_"))


def randomise(model, seed):
    """Kernels large enough that gates and logits differ; all biases away from zero."""
    random = np.random.Generator(np.random.PCG64(seed))
    values = []
    for weight in model.weights:
        shape = tuple(weight.shape)
        if len(shape) == 1:
            values.append(0.3 * random.standard_normal(shape))
        else:
            scale = 1.6 / np.sqrt(np.prod(shape[:-1]))
            values.append(scale * random.standard_normal(shape))
    values[-2] *= 2.5
    model.set_weights([value.astype(np.float32) for value in values])


def explain(model, inputs, taps):
    tensors = [model.get_layer(name).output for name in taps]
    everything = keras.Model(model.inputs, [*tensors, model.output])
    x = [tf.constant(value, tf.float64) for value in inputs]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        *activations, logits = everything(x, training=False)
        order = np.argsort(-logits.numpy()[0])
        scores = {
            f"logit@{order[0]}": logits[0, order[0]],
            f"logProbability@{order[1]}": tf.nn.log_softmax(logits)[0, order[1]],
        }
    gradients, maps = {}, {}
    for key, score in scores.items():
        *found, image = tape.gradient(score, [*activations, x[0]])
        gradients[f"image@{key}"] = float32(image.numpy())
        for tap, activation, gradient in zip(taps, activations, found):
            gradients[f"{tap}@{key}"] = float32(gradient.numpy())
            if len(gradient.shape) != 4:
                continue
            values, scale = maps_and_scales(activation.numpy()[0], gradient.numpy()[0])["gradCam"]
            maps[f"{tap}@{key}"] = {**float32(values), "scale": rounded(scale)}
    return {
        "inputs": {t.name: float32(value) for t, value in zip(model.inputs, inputs)},
        "logits": float32(logits.numpy()),
        "probabilities": tf.nn.softmax(logits).numpy(),
        "scores": {key: rounded(float(score)) for key, score in scores.items()},
        "activations": {tap: float32(value.numpy()) for tap, value in zip(taps, activations)},
        "gradients": gradients,
        "maps": maps,
    }


if __name__ == "__main__":
    main()
