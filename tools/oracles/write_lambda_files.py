# /// script
# requires-python = "==3.11.*"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "h5py", "numpy"]
# ///
"""Writes packages/converter/test/fixtures/keras-lambda from scratch: nets that begin with a Lambda, as Keras saves it.

    python write_lambda_files.py

scaling.h5 and scaling.keras: `lambda x: x / 127.5 - 1`, whose bytecode they hold; square.h5: a function that does more.
scaling.expected.json: a picture, and the probabilities that Keras computes for it. The bytecode is that of Python 3.11.
"""

import json
import os
from pathlib import Path

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import keras
import numpy as np

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/keras-lambda"


def make(source):
    # The bytecode keeps the path of its source, which is none of this machine's.
    function = eval(compile(source, "net.py", "eval"))
    keras.utils.set_random_seed(5)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Lambda(function, name="scaling"),
            layers.Conv2D(4, 3, activation="relu", name="conv", kernel_initializer="glorot_normal"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax", name="scores", kernel_initializer=keras.initializers.RandomNormal(stddev=3)),
        ]
    )


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    net = make("lambda x: x / 127.5 - 1")
    net.save(FOLDER / "scaling.h5")
    net.save(FOLDER / "scaling.keras")
    make("lambda x: x * x / 127.5 - 1").save(FOLDER / "square.h5")
    picture = np.random.default_rng(7).integers(0, 256, (8, 8, 3))
    expected = np.asarray(net(picture[None].astype("float32")))[0]
    values = {"picture": picture.flatten().tolist(), "probabilities": [float(value) for value in expected]}
    (FOLDER / "scaling.expected.json").write_text(json.dumps(values) + "\n")
    (FOLDER / "PROVENANCE.md").write_text(
        "# Where these files come from\n\n"
        "`tools/oracles/write_lambda_files.py` writes them with the versions in its first lines\n"
        f"(Keras {keras.__version__}, Python 3.11). The weights are random and seeded.\n"
    )


main()
