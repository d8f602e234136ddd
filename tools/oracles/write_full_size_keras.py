# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes VGG16 as Keras saves it, with random weights, for the benchmark of conversions.

    python tools/oracles/write_full_size_keras.py --out DIR

DIR/keras_vgg16 gets vgg16.h5 and vgg16.keras, 553 MB each. Nothing of this is committed.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
from pathlib import Path

import keras

SEED = 20160829


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    folder = parser.parse_args().out / "keras_vgg16"
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(SEED)
    model = keras.applications.VGG16(weights=None)
    for ending in ("h5", "keras"):
        model.save(folder / f"vgg16.{ending}")


if __name__ == "__main__":
    main()
