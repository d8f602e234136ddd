"""The words of the two nets for questions and captions: vocabularies, and texts as tokens. NumPy only.

The token of a word is its place in the vocabulary; place 0 is the padding. Packages of the project read the same
rules from the block `text` of demo/words/*/gradcam.json.
"""

import json
import re
import unicodedata
from pathlib import Path

import numpy as np

LABELS = json.loads((Path(__file__).parents[2] / "demo" / "labels.json").read_text())
COLOURS = ["red", "yellow", "green", "blue", "purple", "grey"]
NUMBERS = ["two", "three", "four"]
# Where one thing is, as seen from another. A mirrored picture swaps the first two.
SIDES = ["left", "right", "above", "below"]
PLURALS = [f"{label}s" for label in LABELS]
UNKNOWN, START, END = "[UNK]", "[START]", "[END]"

ANSWERS = ["yes", "no", "0", "1", "2", "3", "4", "nothing", *COLOURS, *LABELS]
QUESTION_LENGTH = 12
QUESTION_WORDS = [
    *("", UNKNOWN),
    *("is", "are", "there", "a", "an", "any", "do", "you", "see", "can", "how", "many"),
    *("what", "to", "the", "of", "on", "under", "over", "colour", "color", "does", "have", "has"),
    *SIDES,
    *LABELS,
    *PLURALS,
]
CAPTION_LENGTH = 20
CAPTION_WORDS = [
    *("", UNKNOWN, START, END, "a", "an", *NUMBERS, "of", "with", "and"),
    *SIDES,
    *COLOURS,
    *LABELS,
    *PLURALS,
]


def split_words(text):
    """Runs of letters, marks, digits and apostrophes, in lower case."""
    text = unicodedata.normalize("NFC", text).lower()
    return re.findall(r"(?:[^\W_]|['\u0300-\u036f])+", text)


def with_article(word, noun=None):
    """ "a cat", "an elephant", "a red elephant"."""
    phrase = word if noun is None else f"{word} {noun}"
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def question_tokens(text):
    """[QUESTION_LENGTH], padding before the words: the last step of a recurrent net is the last word."""
    known = {word: i for i, word in enumerate(QUESTION_WORDS)}
    tokens = [known.get(word, known[UNKNOWN]) for word in split_words(text)][:QUESTION_LENGTH]
    return np.array([0] * (QUESTION_LENGTH - len(tokens)) + tokens, np.int64)


def caption_tokens(text):
    """[CAPTION_LENGTH]: the start, the words, the end, padding behind it."""
    known = {word: i for i, word in enumerate(CAPTION_WORDS)}
    words = [known.get(word, known[UNKNOWN]) for word in split_words(text)]
    tokens = [known[START], *words, known[END]]
    assert len(tokens) <= CAPTION_LENGTH, text
    return np.array(tokens + [0] * (CAPTION_LENGTH - len(tokens)), np.int64)


def caption_text(tokens):
    """The words of a caption without its start, its end and what stands behind the end."""
    words = [CAPTION_WORDS[token] for token in tokens]
    words = words[words[:1] == [START] :]
    return " ".join(words[: words.index(END)] if END in words else [w for w in words if w])


def mirrored_tokens(words):
    """For each token the one that is true of the mirrored picture."""
    swapped = np.arange(len(words))
    left, right = words.index("left"), words.index("right")
    swapped[[left, right]] = right, left
    return swapped


def text_block(role):
    """The block `text` of a model's description."""
    block = {"input": role, "vocabulary": QUESTION_WORDS if role == "question" else CAPTION_WORDS}
    if role == "question":
        rest = {"length": QUESTION_LENGTH, "pad": "pre", "lower": True, "unknown": UNKNOWN}
    else:
        marks = {"start": START, "end": END, "unknown": UNKNOWN}
        rest = {"length": CAPTION_LENGTH, "pad": "post", "lower": True, **marks}
    return {**block, **rest, "role": role}
