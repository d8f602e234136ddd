# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/words/question: a Keras net that answers questions about a picture.

    python tools/oracles/question_net.py

The net as a tfjs LayersModel and as a .keras file, both with a gradcam.json beside them; texts and their tokens by a second
implementation of the tokenizer; and for some questions what TensorFlow says in float64: the scores of all answers, and
for two answers Grad-CAM (Selvaraju et al. 2017, before the ReLU). Random weights, a computed picture.
"""

import json
import os
import shutil
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from fixture_json import float32, uint8, write_json
from layers_model_files import write_layers_model
from text_tokens import tokens_of, words_of
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/words/question"
SEED = 2211
SIZE = (20, 24)
LENGTH = 8
ANSWERS = ["yes", "no", "red", "blue", "two"]
WORDS = "what is left of the dog cat a there colour how many red car über it's".split()
TEXT = {
    "input": "question",
    "vocabulary": ["", "[UNK]", *WORDS],
    "length": LENGTH,
    "pad": "post",
    "lower": True,
    "unknown": "[UNK]",
    "role": "question",
}
QUESTIONS = ["What is left of the dog?", "How many cats", "IS THERE a red car, or what?"]
EXPLAINED = [0, 2]
LAYER = "image_features"
# Capitals, composed and decomposed letters, marks, digits, other scripts, pictograms, marks of direction.
TEXTS = [
    *QUESTIONS,
    "U\u0308BER the CAT",
    "it's   a\tdog\n(red)",
    "\u0643\u0644\u0628 \u202ethe\u202c dog",
    "\u0915\u0941\u0924\u094d\u0924\u093e 42 \u4e8c dog",
    "\U0001f436dog\U0001f436cat\U0001f469\u200d\U0001f680",
    "STRASSE straße İstanbul ΣΑΣ",
]


def net(dtype):
    keras.backend.clear_session()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    image = layers.Input((*SIZE, 3), name="image")
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="image_edges")(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="image_conv")(x)
    x = layers.ReLU(name=LAYER)(x)
    question = layers.Input((LENGTH,), name="question", dtype="int32")
    q = layers.Embedding(len(TEXT["vocabulary"]), 6, mask_zero=True, name="embedding")(question)
    q = layers.LSTM(8, name="reader")(q)
    x = layers.Multiply(name="asked")([layers.GlobalAveragePooling2D(name="pool")(x), q])
    x = layers.Concatenate(name="both")([x, q])
    return keras.Model([image, question], layers.Dense(len(ANSWERS), activation="softmax", name="answer")(x), name="question")


def spread(model, random):
    """Weights of a size at which no answer is sure and the picture counts."""
    for variable in model.trainable_variables:
        fan_in = np.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 1
        scale = 2.4 / np.sqrt(fan_in) if len(variable.shape) > 1 else 0.3
        variable.assign(random.normal(0, 4 / np.sqrt(variable.shape[0]) if "embed" in variable.path else scale, variable.shape))


def explain(model, image, tokens, index):
    """Grad-CAM of an answer's logit, and the logits."""
    inner = keras.Model(model.inputs, [model.get_layer(LAYER).output, model.get_layer("answer").input])
    last = model.get_layer("answer")
    with tf.GradientTape() as tape:
        tape.watch(image)
        features, before = inner([image, tokens])
        logits = before @ last.kernel + last.bias
        score = logits[0, index]
    gradient = tape.gradient(score, features)[0].numpy()
    assert np.abs(gradient).max() > 0
    return (features[0].numpy() * gradient.mean((0, 1))).sum(-1), logits[0].numpy()


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    model = net("float32")
    spread(model, np.random.default_rng(SEED))
    write_layers_model(FOLDER, model, "keras3")
    weights = [np.asarray(w, np.float64) for w in model.get_weights()]
    described = {"schema": 1, "labels": ANSWERS, "input": {"height": SIZE[0], "width": SIZE[1], "scale": 1 / 255, "mean": 0, "std": 1, "channelOrder": "rgb", "fit": "squash"}}
    (FOLDER / "gradcam.json").write_text(json.dumps({**described, "text": TEXT}, ensure_ascii=False, indent=1) + "\n")
    filed = FOLDER / "keras"
    filed.mkdir()
    model.save(filed / "question.keras")
    (filed / "words.txt").write_text("\n".join(TEXT["vocabulary"]) + "\n")
    (filed / "gradcam.json").write_text(json.dumps({**described, "text": {**TEXT, "vocabulary": "words.txt"}}, indent=1) + "\n")

    exact = net("float64")
    exact.set_weights(weights)
    pixels = textured_image(SEED, *SIZE)
    image = tf.constant(pixels[None].astype(np.float64) / 255)
    asked = []
    for text in QUESTIONS:
        tokens = tf.constant([tokens_of(text, TEXT)], tf.int32)
        maps = {}
        for index in EXPLAINED:
            cam, logits = explain(exact, image, tokens, index)
            maps[str(index)] = float32(cam)
        probabilities = exact([image, tokens]).numpy()[0]
        assert np.allclose(np.exp(logits) / np.exp(logits).sum(), probabilities)
        print(text, probabilities.round(3), ANSWERS[int(probabilities.argmax())])
        asked.append({"question": text, "answer": ANSWERS[int(probabilities.argmax())], "logits": float32(logits), "probabilities": float32(probabilities), "gradCam": maps})
    tokenized = [{"text": text, "words": words_of(text), "tokens": tokens_of(text, TEXT)} for text in TEXTS]
    write_json(FOLDER / "expected.json", {"pixels": uint8(pixels), "layer": LAYER, "asked": asked, "texts": tokenized})
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/question_net.py` (one command, from scratch) with TensorFlow {tf.__version__}, Keras
{keras.__version__}, NumPy {np.__version__} on CPU; seed {SEED}. Random weights, a computed picture; values in float64.
"""
    )
    for file in sorted(FOLDER.rglob("*.*")):
        print(file.relative_to(FOLDER), file.stat().st_size)


if __name__ == "__main__":
    main()
