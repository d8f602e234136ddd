# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "tensorflow-cpu==2.21.0"]
# ///
"""Scores demo-vqa.keras on held-out scenes and writes its part of demo/words/evaluation.json.

    node tools/demo/render.mjs <scenes> --words --train 8000 --val 400 --test 2000
    python tools/demo/evaluate_vqa.py <scenes>

Beside the net stands what the questions alone tell: to each question the answer that was the most frequent in
training, and the one that is the most frequent among the held-out questions themselves, which no guess without a
picture can beat. Pointing game: the peak of the right answer's map must lie in a box of the objects that the answer
is about, also where the net answers wrongly.
"""

import sys
from collections import Counter, defaultdict

import keras
import numpy as np
import tensorflow as tf

from intervals import share_over_scenes
from scene_data import load_scenes
from words_keras import DEMO, Explained
from words_language import ANSWERS, question_tokens
from words_points import FILE, Pointing, keep
from words_truth import KINDS, Questions

BATCH = 50
# Held-out questions: at most so many for each answer to each question.
MOST = 20


def most_frequent(pairs):
    """For each question the most frequent of its answers."""
    counts = defaultdict(Counter)
    for key, answer in pairs:
        counts[key][answer] += 1
    return {key: found.most_common(1)[0][0] for key, found in counts.items()}


def guesses(asked, train_scenes):
    """Answers to the held-out questions without a picture, from training and from the held-out questions."""
    drawn = Questions(train_scenes).draw(200_000, np.random.default_rng(2))
    learnt = most_frequent((tokens.tobytes(), ANSWERS[answer]) for _, tokens, answer in drawn)
    from_training = [learnt.get(question_tokens(one["text"]).tobytes()) for one in asked]
    best = most_frequent(((one["kind"], one["about"]), one["answer"]) for one in asked)
    return {
        "questionOnly": from_training,
        "questionOnlyAtBest": [best[one["kind"], one["about"]] for one in asked],
    }


def main(folder):
    tf.config.threading.set_intra_op_parallelism_threads(1)
    pixels, scenes, _ = load_scenes(folder, "test")
    _, train_scenes, _ = load_scenes(folder, "train")
    rng = np.random.default_rng(1)
    asked = Questions(scenes).each(MOST, rng)
    net = Explained(keras.models.load_model(DEMO / "words" / "vqa" / "demo-vqa.keras"))
    starts = range(0, len(scenes), BATCH)
    features = np.concatenate([net.features(pixels[start : start + BATCH]) for start in starts])
    said, pointing = [], Pointing(pixels.shape[1], rng)
    for start in range(0, len(asked), BATCH):
        part = asked[start : start + BATCH]
        tokens = np.stack([question_tokens(one["text"]) for one in part])
        right = np.array([ANSWERS.index(one["answer"]) for one in part])
        logits, maps = net.explain(features[[one["scene"] for one in part]], tokens, lambda _: right)
        said += [ANSWERS[k] for k in logits.argmax(1)]
        for i, one in enumerate(part):
            if one["objects"]:
                boxes = [scenes[one["scene"]][k]["box"] for k in one["objects"]]
                pointing.add(one["kind"], one["scene"], boxes, {name: found[i] for name, found in maps.items()})
    answers = {"net": said, **guesses(asked, train_scenes)}

    def shares(kind):
        """Of one kind, or of all."""
        chosen = [i for i, one in enumerate(asked) if kind in (one["kind"], None)]
        return {
            name: share_over_scenes([(asked[i]["scene"], given[i] == asked[i]["answer"]) for i in chosen], rng)
            for name, given in answers.items()
        }

    result = {
        "scenes": len(scenes),
        "questions": len(asked),
        "accuracy": {"all": shares(None), **{kind: shares(kind) for kind in KINDS}},
        "pointing": pointing.shares(),
    }
    keep(FILE, "demo-vqa", result, 2)
    print(result)


if __name__ == "__main__":
    main(sys.argv[1])
