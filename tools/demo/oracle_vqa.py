# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "tensorflow-cpu==2.21.0"]
# ///
"""Writes demo-vqa's part of demo/words/expected.json: logits and raw Grad-CAM maps of questions about the sample
scenes that need no resizing, computed by TensorFlow in float64 from the float32 weights of the file.

    python tools/demo/oracle_vqa.py
"""

import keras
import tensorflow as tf

from words_keras import DEMO, LAST, Explained, in_float64
from words_language import ANSWERS, question_tokens
from words_points import keep

PAIRS = [
    ("cat-and-dog-128.png", "what is left of the dog?"),
    ("cat-and-dog-128.png", "what is right of the cat?"),
    ("cat-and-dog-128.png", "is there a dog?"),
    ("cat-and-dog-128.png", "how many cats are there?"),
    ("parade-128.png", "what is below the guitar?"),
    ("parade-128.png", "is there an umbrella?"),
    ("parade-128.png", "what colour is the elephant?"),
]


def rounded(values):
    return [float(f"{value:.9g}") for value in values.ravel()]


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    net = Explained(in_float64(keras.models.load_model(DEMO / "words" / "vqa" / "demo-vqa.keras")))
    pairs = []
    for file, question in PAIRS:
        pixels = tf.io.decode_png((DEMO / "scenes" / file).read_bytes(), channels=3).numpy()[None]
        tokens = question_tokens(question)
        logits, maps = net.explain(net.features(pixels), tokens[None], lambda found: found.argmax(1))
        answer = ANSWERS[int(logits[0].argmax())]
        layers = {name: {"grid": list(one.shape[1:]), "raw": rounded(one)} for name, one in maps.items()}
        pairs.append(
            {
                "file": file,
                "question": question,
                "tokens": tokens.tolist(),
                "answer": answer,
                "logits": rounded(logits),
                "gradCam": layers,
            }
        )
        print(file, question, answer)
    keep(DEMO / "words" / "expected.json", "demo-vqa", {"layer": LAST, "pairs": pairs}, 1)


if __name__ == "__main__":
    main()
