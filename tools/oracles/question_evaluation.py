# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/words/evaluation.json: what an evaluation of answers must find.

    python tools/oracles/question_evaluation.py

The net of question_net.py, in float64. For each question: Grad-CAM of the answer's logit, the answer's probability while
the map's pixels are replaced by zero in steps, those of the largest value first (Petsiuk et al. 2018, equal values in
reading order), the area under that curve, and the place of the map's peak; and Grad-CAM of the probability, which tf-keras-vis explains of
a net that ends in a softmax.
"""

import math
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
import numpy as np
import tensorflow as tf

from fixture_json import float32, write_json
from question_net import ANSWERS, FOLDER, LAYER, QUESTIONS, SEED, SIZE, TEXT, explain, net
from text_tokens import tokens_of
from textured_images import textured_image

STEPS = 6


def enlarge(raw, size):
    """Bilinear with the centres of the pixels in the same places, edges repeated."""
    for axis, length in enumerate(size):
        at = (np.arange(length) + 0.5) * raw.shape[axis] / length - 0.5
        low = np.floor(at).astype(int)
        share = (at - low).reshape([-1 if i == axis else 1 for i in range(2)])
        take = lambda places: np.take(raw, np.clip(places, 0, raw.shape[axis] - 1), axis)
        raw = take(low) * (1 - share) + take(low + 1) * share
    return raw


def explain_probability(model, image, tokens, index):
    inner = keras.Model(model.inputs, [model.get_layer(LAYER).output, model.output])
    with tf.GradientTape() as tape:
        features, answers = inner([image, tokens])
        score = answers[0, index]
    gradient = tape.gradient(score, features)[0].numpy()
    return (features[0].numpy() * gradient.mean((0, 1))).sum(-1)


def main():
    filed = keras.models.load_model(FOLDER / "keras" / "question.keras")
    weights = [np.asarray(w, np.float64) for w in filed.get_weights()]
    exact = net("float64")
    exact.set_weights(weights)
    pixels = textured_image(SEED, *SIZE).astype(np.float64) / 255
    image = tf.constant(pixels[None])
    per_step = math.ceil(SIZE[0] * SIZE[1] / STEPS)
    found = []
    for text in QUESTIONS:
        tokens = tf.constant([tokens_of(text, TEXT)], tf.int32)
        index = int(exact([image, tokens]).numpy()[0].argmax())
        cam, _ = explain(exact, image, tokens, index)
        shown = enlarge(np.maximum(cam, 0), SIZE)
        order = np.argsort(-shown.reshape(-1), kind="stable")
        current = pixels.reshape(-1, 3).copy()
        scores = []
        for start in range(0, len(order) + per_step, per_step):
            current[order[max(0, start - per_step) : start]] = 0
            scores.append(float(exact([tf.constant(current.reshape(1, *SIZE, 3)), tokens]).numpy()[0, index]))
        area = float(np.mean([(a + b) / 2 for a, b in zip(scores, scores[1:])]))
        y, x = np.unravel_index(int(shown.argmax()), SIZE)
        positive = float((shown > 0).mean())
        print(text, ANSWERS[index], np.round(scores, 4), area, (x, y), positive)
        found.append({"question": text, "answer": ANSWERS[index], "scores": scores, "deletion": area, "peak": [int(x), int(y)], "probabilityCam": float32(explain_probability(exact, image, tokens, index))})
    write_json(Path(FOLDER).parent / "evaluation.json", {"steps": STEPS, "questions": found})


if __name__ == "__main__":
    main()
