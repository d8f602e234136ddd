# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "pillow==12.3.0", "tensorflow-cpu==2.21.0"]
# ///
"""Trains a small net on scenes with a shortcut and writes it to demo/biased.

    node tools/demo/biased-scenes.mjs <scenes>
    python tools/demo/train_biased.py <scenes>

Every cat scene of the training has a tag in its corner. The net may look at the tag, at the animal or at both;
demo/biased/report.json says how often it is right on scenes with and without the tag. Seeded; another processor or
another version of TensorFlow gives a net that is alike, but not the same bits.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from PIL import Image

sys.path.append(str(Path(__file__).parents[1] / "oracles"))
from layers_model_files import write_layers_model  # noqa: E402

TARGET = Path(__file__).parents[2] / "demo/biased"
CLASSES = ["cat", "dog"]
SEED = 1
EPOCHS = 12


def load(folder):
    files = [(path, k) for k, name in enumerate(CLASSES) for path in sorted((folder / name).glob("*.png"))]
    pixels = np.stack([np.asarray(Image.open(path).convert("RGB"), np.float32) for path, _ in files])
    return pixels, np.array([k for _, k in files])


def build():
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((64, 64, 3), name="image"),
            layers.Rescaling(1 / 127.5, offset=-1, name="range"),
            layers.Conv2D(16, 5, strides=2, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(32, 3, strides=2, padding="same", activation="relu", name="conv2"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv3"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv4"),
            layers.GlobalAveragePooling2D(name="mean"),
            layers.Dense(2, activation="softmax", name="predictions"),
        ],
        name="biased",
    )


def main(scenes):
    keras.utils.set_random_seed(SEED)
    net = build()
    net.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    pixels, labels = load(scenes / "train")
    order = np.random.Generator(np.random.PCG64(SEED)).permutation(len(labels))
    net.fit(pixels[order], labels[order], batch_size=32, epochs=EPOCHS, verbose=2)

    report = {"seed": SEED, "epochs": EPOCHS, "scenes": len(labels), "accuracy": {}}
    for name in ("test", "untagged"):
        x, y = load(scenes / name)
        right = net.predict(x, verbose=0).argmax(1) == y
        report["accuracy"][name] = {c: float(right[y == k].mean()) for k, c in enumerate(CLASSES)}
    print(report)
    TARGET.mkdir(parents=True, exist_ok=True)
    write_layers_model(TARGET, net, "keras2")
    (TARGET / "labels.txt").write_text("\n".join(CLASSES) + "\n")
    (TARGET / "report.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
