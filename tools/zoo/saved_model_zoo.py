# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Exports architectures of keras.applications as SavedModels, and compares each with TensorFlow in float64.

    python tools/zoo/saved_model_zoo.py RESULTS [NET ..]

The nets of frozen_zoo.py, with the same random weights. tools/verify/compare-saved-model.mjs converts each SavedModel and
compares logits, activation and Grad-CAM at the recommended layer. `float32` is how far TensorFlow's own float32 is from its float64. A
net is right if it is within 1e-5 of the float64, or no further from it than that. Prints a line for each net and writes
RESULTS/saved/NET.json; the models are removed.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from frozen_zoo import CLASSES, NETS, brightest, build  # First: it quiets TensorFlow.

import keras
import numpy as np
import tensorflow as tf
from keras import applications

BOUND = 1e-5
COMPARE = Path(__file__).parents[1] / "verify/compare-saved-model.mjs"


def main():
    folder = Path(sys.argv[1]) / "saved"
    folder.mkdir(parents=True, exist_ok=True)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    failed = 0
    for name in sys.argv[2:] or NETS:
        start = time.monotonic()
        found = {"net": name, **measure(name)}
        bad = "why" in found or not all(float(found[key]) <= max(BOUND, own) for key, own in found["float32"].items())
        failed += bad
        (folder / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
        print("FAIL" if bad else "ok  ", f"{time.monotonic() - start:.0f} s", json.dumps(found), flush=True)
    print(f"{failed} exceed {BOUND} and TensorFlow's float32")
    sys.exit(failed > 0)


def measure(name):
    size, options = NETS[name]
    model = build(name, size, options)
    picture = draw_picture(size) * (brightest(model) / 255)
    exact = twin(name, size, options, model)
    found = explain(exact, picture)
    own = distance(explain(model, picture.astype("float32"), found["best"]), found)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        model.export(scratch / "model", verbose=False)
        for key in ("logits", "activation", "gradient"):
            np.ascontiguousarray(found[key], "<f8").tofile(scratch / f"{key}.f64")
        np.ascontiguousarray(picture, "<f8").tofile(scratch / "input.f64")
        expected = {"size": size, "best": found["best"], "channels": found["activation"].shape[-1]}
        (scratch / "expected.json").write_text(json.dumps(expected))
        command = ["node", str(COMPARE), str(scratch / "model"), str(scratch / "expected.json")]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "Error: " in line]
        return {"size": size, "why": lines[0] if lines else f"ended with {done.returncode}"}
    return {"size": size, "keras": found["layer"], **json.loads(done.stdout.splitlines()[-1]), "float32": own}


def draw_picture(size):
    """The picture of tools/oracles/torch_expectations.py, in whole numbers of 0..255 that float32 holds."""
    y, x, c = np.indices((size, size, 3))
    return ((x * 7 + y * 13 + c * 29 + ((x * y) % 31) * 4) % 256).astype("float64")


def twin(name, size, options, model):
    """The same net in float64."""
    keras.backend.clear_session()
    keras.config.set_floatx("float64")
    try:
        make = getattr(applications, name)
        exact = make(weights=None, input_shape=(size, size, 3), classes=CLASSES, **options)
    finally:
        keras.config.set_floatx("float32")
    exact.set_weights([np.asarray(value, "float64") for value in model.get_weights()])
    for layer in exact.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    return exact


def explain(model, picture, best=None):
    """Logits, and the activation before the head's pooling (or flattening) with the gradient of the best class there."""
    last = model.layers[-1]
    softmax = last.activation
    last.activation = keras.activations.linear
    spatial = [layer for layer in model.layers if len(layer.output.shape) == 4 and layer.output.shape[1] != 1]
    at = spatial[-1]
    try:
        both = keras.Model(model.inputs, [at.output, last(last.input)])
        with tf.GradientTape() as tape:
            activation, logits = both(tf.constant(picture[None]), training=False)
            best = int(np.argmax(logits[0])) if best is None else best
            score = logits[0, best]
        gradient = tape.gradient(score, activation)
    finally:
        last.activation = softmax
    return {
        "layer": at.name,
        "best": best,
        "logits": logits.numpy()[0].astype("float64"),
        "activation": activation.numpy()[0].astype("float64"),
        "gradient": gradient.numpy()[0].astype("float64"),
    }


def distance(found, exact):
    """By the measures of tools/verify/measures.mjs."""
    return {
        **{
            key: float(np.abs(found[key] - exact[key]).max() / np.ptp(exact[key]))
            for key in ("logits", "activation")
        },
        "map": float(np.abs(cam(found) - cam(exact)).max() / scale(exact)),
    }


def cam(found):
    return (found["activation"] * found["gradient"].mean((0, 1))).sum(-1)


def scale(found):
    return np.abs(found["activation"] * found["gradient"].mean((0, 1))).sum(-1).max()


if __name__ == "__main__":
    main()
