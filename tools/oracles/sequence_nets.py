# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/sequences.json: nets of recurrent layers whose steps are masked, or that give states.

    python tools/oracles/sequence_nets.py

Keras makes each net, writes its JSON and computes in float64 its output and the gradient of a drawn score with respect to
the features. Of two items one is padded before its words or behind them, and the other is full.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
import numpy as np
import tensorflow as tf
from keras import layers as k

from fixture_json import float32

FILE = Path(__file__).parents[2] / "packages/core/test/fixtures/sequences.json"
STEPS, FEATURES, UNITS = 5, 3, 3
# Which steps count: padded behind, padded before, a gap.
COUNTS = {
    "behind": [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]],
    "before": [[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]],
    "gap": [[1, 0, 1, 1, 0], [0, 1, 1, 0, 1]],
}


def over(layer):
    """Masked features go into the layer."""
    return lambda x: layer(k.Masking(name="masking")(x))


def states(make):
    """All that a layer with `return_state` gives."""
    return lambda x: k.Concatenate(name="all")(make(k.Masking(name="masking")(x)))


def decoder(x):
    """The states of one layer are the initial ones of the next."""
    _, *state = k.LSTM(UNITS, return_state=True, name="encoder")(k.Masking(name="masking")(x))
    return k.LSTM(UNITS, name="decoder")(x, initial_state=state)


def both_from_states(x):
    """A layer in both directions that begins with four states."""
    masked = k.Masking(name="masking")(x)
    _, *state = k.Bidirectional(k.LSTM(UNITS, return_state=True), name="encoder")(masked)
    return k.Bidirectional(k.LSTM(UNITS), name="decoder")(x, initial_state=state)


def shared(x):
    """One layer, called twice."""
    layer = k.GRU(FEATURES, return_sequences=True, name="gru")
    return k.Flatten(name="all")(layer(layer(k.Masking(name="masking")(x))))


def two_outputs(x):
    """`merge_mode` null gives both directions apart."""
    one, other = k.Bidirectional(k.GRU(UNITS), merge_mode=None, name="both")(k.Masking(name="masking")(x))
    return k.Subtract(name="all")([one, other])


def stacked(x):
    x = k.Masking(name="masking")(x)
    x = k.LSTM(UNITS, return_sequences=True, name="first")(x)
    x = k.Dropout(0.5, name="dropout")(x)
    x = k.TimeDistributed(k.Dense(4, activation="relu"), name="each")(x)
    return k.GRU(UNITS, go_backwards=True, name="second")(x)


def averaged(x):
    x = k.LSTM(UNITS, return_sequences=True, name="lstm")(k.Masking(name="masking")(x))
    return k.GlobalAveragePooling1D(name="average")(x)


def merged(merge, *masks):
    """Values whose masks differ: mask value 0 leaves steps out, 9 none, and null stands for no mask."""
    def net(x):
        masked = [x if value is None else k.Masking(value)(x) for value in masks]
        return k.GRU(UNITS, name="layer")(merge(masked))
    return net


def passed(x):
    """Layers that pass the mask on."""
    x = k.Masking(name="masking")(x)
    layers = [k.Rescaling(2.0), k.UnitNormalization(), k.Identity(), k.SpatialDropout1D(0.5)]
    for one in layers:
        x = one(x)
    return k.LSTM(UNITS, name="layer")(x)


def sequence(layer):
    return lambda x: k.Flatten(name="all")(layer(k.Masking(name="masking")(x)))


NETS = {
    "lstm": lambda: over(k.LSTM(UNITS, name="layer")),
    "gru": lambda: over(k.GRU(UNITS, name="layer")),
    "gru without reset_after": lambda: over(k.GRU(UNITS, reset_after=False, name="layer")),
    "simple": lambda: over(k.SimpleRNN(UNITS, name="layer")),
    "lstm backwards": lambda: over(k.LSTM(UNITS, go_backwards=True, name="layer")),
    "lstm with zeros for masked steps": lambda: over(k.LSTM(UNITS, zero_output_for_mask=True, name="layer")),
    "lstm sequence": lambda: sequence(k.LSTM(UNITS, return_sequences=True, name="layer")),
    "gru sequence backwards": lambda: sequence(k.GRU(UNITS, return_sequences=True, go_backwards=True, name="layer")),
    "gru sequence with zeros for masked steps": lambda: sequence(
        k.GRU(UNITS, return_sequences=True, zero_output_for_mask=True, name="layer")
    ),
    "cells": lambda: over(k.RNN([k.LSTMCell(UNITS), k.GRUCell(2)], name="layer")),
    "both ways": lambda: over(k.Bidirectional(k.LSTM(UNITS), name="layer")),
    "both ways, sequence": lambda: sequence(k.Bidirectional(k.GRU(UNITS, return_sequences=True), name="layer")),
    "lstm states": lambda: states(k.LSTM(UNITS, return_state=True, name="layer")),
    "gru states": lambda: states(k.GRU(UNITS, return_state=True, name="layer")),
    "states of both ways": lambda: states(k.Bidirectional(k.LSTM(UNITS, return_state=True), name="layer")),
    "decoder": lambda: decoder,
    "both ways from states": lambda: both_from_states,
    "shared": lambda: shared,
    "two outputs": lambda: two_outputs,
    "stacked": lambda: stacked,
    "averaged": lambda: averaged,
    "passed on": lambda: passed,
    "added to what all counts": lambda: merged(k.Add(), 0.0, 9.0),
    "added to what has no mask": lambda: merged(k.Add(), 0.0, None),
    "added to the same": lambda: merged(k.Add(), 0.0, 0.0, 0.0),
    "beside what all counts": lambda: merged(k.Concatenate(), 0.0, 9.0),
    "beside what has no mask": lambda: merged(k.Concatenate(), 0.0, None),
}


def model_of(name, dtype):
    keras.backend.clear_session()
    keras.config.set_dtype_policy(dtype)
    x = keras.Input((STEPS, FEATURES), name="x")
    flat = k.Flatten(name="flat")(NETS[name]()(x))
    return keras.Model(x, k.Rescaling(-1.0, name="out")(flat), name="net")


def words(dtype):
    """Indices, of which 0 does not count, added to features that have a gradient."""
    keras.backend.clear_session()
    keras.config.set_dtype_policy(dtype)
    x, ids = keras.Input((STEPS, FEATURES), name="x"), keras.Input((STEPS,), name="ids")
    y = k.Add(name="add")([k.Embedding(7, FEATURES, mask_zero=True, name="embedding")(ids), x])
    flat = k.Flatten(name="flat")(k.GRU(UNITS, name="layer")(y))
    return keras.Model([x, ids], k.Rescaling(-1.0, name="out")(flat), name="net")


def measure(name, random):
    filed, exact = (words, words) if name == "words" else (lambda d: model_of(name, d),) * 2
    filed = filed("float32")
    entry = json.loads(filed.to_json())
    values = [draw_weight(random, w.shape) for w in filed.weights]
    named = {w.path: float32(value) for w, value in zip(filed.weights, values)}
    exact = exact("float64")
    exact.set_weights(values)
    row = {"name": name, "topology": {"keras_version": keras.__version__, "model_config": entry}, "weights": named}
    row["cases"] = [case(exact, name, counts, random) for counts in (COUNTS.values())]
    return row


def draw_weight(random, shape):
    scale = 0.4 if len(shape) == 1 else 1.2 / np.sqrt(shape[0])
    return (random.standard_normal(shape) * scale).astype(np.float32)


def case(model, name, counts, random):
    counts = np.array(counts)
    x = random.standard_normal((2, STEPS, FEATURES)).astype(np.float32)
    inputs = {"x": x}
    if name == "words":
        inputs["ids"] = (random.integers(1, 7, counts.shape) * counts).astype(np.float32)
    else:
        inputs["x"] = x * counts[..., None].astype(np.float32)
    given = [tf.constant(value, tf.float64) for value in inputs.values()]
    with tf.GradientTape() as tape:
        tape.watch(given[0])
        output = model(given if len(given) > 1 else given[0], training=False)
        upstream = random.standard_normal(output.shape).astype(np.float32)
        score = tf.reduce_sum(output * upstream)
    gradient = tape.gradient(score, given[0])
    return {
        "inputs": {key: float32(value) for key, value in inputs.items()},
        "upstream": float32(upstream),
        "output": float32(output.numpy()),
        "gradient": float32(gradient.numpy()),
    }


def main():
    random = np.random.Generator(np.random.PCG64(22))
    rows = [measure(name, random) for name in [*NETS, "words"]]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    FILE.write_text(f"[\n{lines}\n]\n")
    print(f"{len(rows)} nets, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
