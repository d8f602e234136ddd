# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "tensorflow-cpu==2.21.0"]
# ///
"""Writes the net for questions as a file of Keras, with its description beside it.

    python tools/demo/export_vqa.py <weights>

demo/words/vqa/demo-vqa.keras, demo/words/vqa/gradcam.json
"""

import hashlib
import json
import sys
from pathlib import Path

import keras
import numpy as np

from words_keras import LAST, build, set_weights
from words_language import ANSWERS, text_block

TARGET = Path(__file__).parents[2] / "demo" / "words" / "vqa"


def main(weights):
    TARGET.mkdir(parents=True, exist_ok=True)
    model = build()
    set_weights(model, dict(np.load(weights / "vqa.npz")))
    path = TARGET / "demo-vqa.keras"
    model.save(path)
    read = keras.models.load_model(path)
    pixels = np.random.default_rng(1).uniform(0, 255, (2, 128, 128, 3)).astype(np.float32)
    tokens = np.zeros((2, model.inputs[1].shape[1]), np.int32)
    tokens[:, -1] = 2, 3
    np.testing.assert_array_equal(read([pixels, tokens]), model([pixels, tokens]))
    description = {
        "schema": 1,
        "labels": ANSWERS,
        "imageInput": "image",
        "input": {"channelOrder": "rgb", "fit": "crop", "scale": 1, "mean": [0, 0, 0], "std": [1, 1, 1]},
        "defaultEndpoint": LAST,
        "text": text_block("question"),
    }
    (TARGET / "gradcam.json").write_text(json.dumps(description, indent=2) + "\n")
    content = path.read_bytes()
    print(path.name, f"{len(content):,} bytes, sha256", hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
