# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "onnx", "onnxscript", "numpy"]
# ///
"""Writes packages/core/test/fixtures/words/caption: a net of PyTorch that writes captions, as an ONNX file.

    python tools/oracles/caption_net.py

A decoder with attention over the cells of an image, unrolled to a fixed length: tokens [length] in, scores [length,
vocabulary] out. In float64: the scores of a sentence; the sentences that the net writes, word by word, with beams and
as the best of all; and of each word's log-probability and of their sum the gradient at a layer and Grad-CAM (Selvaraju
et al. 2017, section 7.1, before the ReLU). Random weights, a computed picture.
"""

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from torch import nn

from fixture_json import float32, uint8, write_json
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/words/caption"
SEED = 2354
SIZE = 16
LENGTH = 6
VOCABULARY = ["", "[START]", "[END]", "[UNK]", "a", "red", "car", "dog"]
START, END = 1, 2
CHANNELS, UNITS = 10, 8
TEXT = {
    "input": "caption",
    "vocabulary": VOCABULARY,
    "length": LENGTH,
    "pad": "post",
    "lower": True,
    "start": "[START]",
    "end": "[END]",
    "unknown": "[UNK]",
    "role": "caption",
}
SAID = ["a", "red", "dog"]


class Captioner(nn.Module):
    """Each step looks at the cells that fit its state, and adds what it saw to the word before."""

    def __init__(self):
        super().__init__()
        self.edges = nn.Conv2d(3, 6, 3, 2, 1)
        self.conv = nn.Conv2d(6, CHANNELS, 3, 2, 1)
        self.words = nn.Embedding(len(VOCABULARY), UNITS)
        self.begin = nn.Linear(CHANNELS, UNITS)
        self.query = nn.Linear(UNITS, CHANNELS)
        self.step = nn.Linear(2 * UNITS + CHANNELS, 3 * UNITS)
        self.score = nn.Linear(UNITS, len(VOCABULARY))
        self.relu = nn.ReLU()

    def forward(self, image, caption):
        features = self.relu(self.conv(self.relu(self.edges(image))))
        return self.decode(features, caption)

    def decode(self, features, caption):
        cells = features.flatten(2).transpose(1, 2)
        state = torch.tanh(self.begin(cells.mean(1)))
        scores = []
        for place in range(LENGTH):
            word = self.words(caption[:, place])
            looked = torch.softmax((cells * self.query(state)[:, None]).sum(-1), -1)
            seen = (cells * looked[..., None]).sum(1)
            update, forget, new = self.step(torch.cat([word, state, seen], -1)).chunk(3, -1)
            state = torch.sigmoid(forget) * state + torch.sigmoid(update) * torch.tanh(new)
            scores.append(self.score(state))
        return torch.stack(scores, 1)


def build():
    torch.manual_seed(SEED)
    net = Captioner()
    for name, weight in net.named_parameters():
        fan_in = np.prod(weight.shape[1:]) if weight.ndim > 1 else 1
        scale = {"words.weight": 1.5, "score.weight": 2.2}.get(name, 1.8 / np.sqrt(fan_in) if weight.ndim > 1 else 0.3)
        nn.init.normal_(weight, 0, scale)
    return net.eval()


def padded(words):
    return torch.tensor([(words + [0] * LENGTH)[:LENGTH]])


def rows(net, features, words):
    """Log-probabilities [length, vocabulary] with these words before each place."""
    with torch.no_grad():
        return net.decode(features, padded(words))[0].log_softmax(-1).numpy()


# Padding and the start are never written.
CHOICES = [token for token in range(len(VOCABULARY)) if token not in (0, START)]


def search(net, features, beams):
    """The `beams` best beginnings are kept at each place; those that end are set apart."""
    alive, done = [([START], 0.0)], []
    for place in range(LENGTH):
        grown = []
        for words, total in alive:
            scores = rows(net, features, words)[place]
            grown += [([*words, token], total + float(scores[token])) for token in CHOICES]
        grown.sort(key=lambda one: -one[1])
        kept = grown[:beams]
        done += [one for one in kept if one[0][-1] == END]
        alive = [one for one in kept if one[0][-1] != END]
        if not alive or (len(done) >= beams and max(one[1] for one in done) >= alive[0][1]):
            break
    return sorted(done or alive, key=lambda one: -one[1])[0]


def best_of_all(net, features, most):
    """Every sentence of up to `most` words with its end."""
    found = None
    for count in range(most + 1):
        for words in itertools.product([token for token in CHOICES if token != END], repeat=count):
            scores = rows(net, features, [START, *words])
            total = sum(scores[i, token] for i, token in enumerate([*words, END]))
            if found is None or total > found[1]:
                found = ([START, *words, END], float(total))
    return found


def told(found):
    words, total = found
    return {"words": [VOCABULARY[token] for token in words[1:] if token != END], "ended": words[-1] == END, "logProbability": total}


def explained(net, features, score):
    (gradient,) = torch.autograd.grad(score, features, retain_graph=True)
    gradient = gradient[0].permute(1, 2, 0).numpy()
    activations = features[0].detach().permute(1, 2, 0).numpy()
    cam = (activations * gradient.mean((0, 1))).sum(-1)
    return {"score": score.item(), "gradient": float32(gradient), "gradCam": float32(cam)}


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    net = build()
    pixels = textured_image(SEED, SIZE, SIZE)
    image = torch.tensor(pixels.astype(np.float64).transpose(2, 0, 1)[None] / 255)
    words = [START, *[VOCABULARY.index(word) for word in SAID], END]
    torch.onnx.export(
        net,
        (image.float(), padded(words)),
        FOLDER / "caption.onnx",
        input_names=["image", "caption"],
        output_names=["words"],
        dynamic_axes={"image": {0: "batch"}, "caption": {0: "batch"}, "words": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    described = {"schema": 1, "input": {"height": SIZE, "width": SIZE, "scale": 1 / 255, "mean": 0, "std": 1, "channelOrder": "rgb", "fit": "squash"}}
    (FOLDER / "gradcam.json").write_text(json.dumps({**described, "text": TEXT}, indent=1) + "\n")

    net = net.double()
    features = net.relu(net.conv(net.relu(net.edges(image)))).detach().requires_grad_()
    logits = net.decode(features, padded(words))[0]
    assert torch.allclose(logits, net(image, padded(words))[0])
    logs = logits.log_softmax(-1)
    parts = [logs[i, token] for i, token in enumerate(words[1:])]
    written = {f"beams {n}": told(search(net, features, n)) for n in (1, 2, 3)}
    written["all"] = told(best_of_all(net, features, LENGTH - 1))
    for name, one in written.items():
        print(name, one)
    write_json(
        FOLDER / "expected.json",
        {
            "pixels": uint8(pixels),
            "layer": "relu_1",
            "caption": " ".join(SAID),
            "logits": float32(logits.detach().numpy()),
            "words": [explained(net, features, part) for part in parts],
            "sentence": explained(net, features, sum(parts)),
            "written": written,
        },
    )
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/caption_net.py` (one command, from scratch) with PyTorch {torch.__version__}, NumPy
{np.__version__} on CPU; seed {SEED}. Random weights, a computed picture; values in float64.
"""
    )
    for file in sorted(FOLDER.iterdir()):
        print(file.name, file.stat().st_size)


if __name__ == "__main__":
    main()
