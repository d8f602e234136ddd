# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.13.0", "onnx==1.23.1", "pillow==12.3.0"]
# ///
"""Writes demo-caption's part of demo/words/expected.json: captions of the sample scenes that need no resizing, with
logits, log-probabilities, and raw Grad-CAM maps of these for each word and for the whole sentence, computed by PyTorch
in float64 from the float32 weights of the file.

    python tools/demo/oracle_caption.py
"""

import numpy as np
import torch
from PIL import Image

from words_decoder import LAYER, CaptionNet, Captions
from words_language import CAPTION_WORDS, END, caption_text, caption_tokens
from words_maps import cam, say_captions
from words_nets import DEMO, MEAN, Encoder
from words_points import keep

FILES = ["cat-and-dog-128.png", "parade-128.png"]
# A sentence that is not true of the first scene, to be compared with what the net says.
GIVEN = [("cat-and-dog-128.png", "a dog left of a cat"), ("cat-and-dog-128.png", "a turtle left of a dog")]


def rounded(values):
    return [float(f"{value:.9g}") for value in np.ravel(values)]


def explain(net, image, tokens):
    """Everything about one sentence, maps at LAYER, of log-probabilities."""
    with torch.no_grad():
        features = net.encoder(image)
    grid = net.captions.seen(net.captions.grid(features)).detach().requires_grad_()
    logits = net.captions.continue_from(grid, torch.from_numpy(tokens)[None])[0]
    ending = tokens.tolist().index(CAPTION_WORDS.index(END))
    logs = logits.log_softmax(1)
    picked = [logs[place - 1, int(tokens[place])] for place in range(1, ending + 1)]
    words = [
        {
            "place": place,
            "word": CAPTION_WORDS[tokens[place]],
            "logProbability": float(f"{picked[place - 1].item():.9g}"),
            "logits": rounded(logits[place - 1].detach()),
            "raw": rounded(cam(picked[place - 1], grid)),
        }
        for place in range(1, ending + 1)
    ]
    total = torch.stack(picked).sum()
    sentence = {"logProbability": float(f"{total.item():.9g}"), "raw": rounded(cam(total, grid))}
    return {"tokens": tokens.tolist(), "words": words, "sentence": sentence}


def main():
    net = CaptionNet(Encoder(), Captions()).load_onnx(DEMO / "words" / "caption" / "demo-caption.onnx")
    net = net.double().eval()
    mean = torch.tensor(MEAN, dtype=torch.float64)[:, None, None]

    def read(file):
        pixels = np.asarray(Image.open(DEMO / "scenes" / file).convert("RGB"))
        return torch.from_numpy(pixels.copy()).permute(2, 0, 1).double()[None] - mean

    said = []
    for file in FILES:
        with torch.no_grad():
            tokens = say_captions(net.captions, net.encoder(read(file)))[0]
        said.append((file, caption_text(tokens), tokens, True))
    given = [(file, text, caption_tokens(text), False) for file, text in GIVEN]
    captions = []
    for file, text, tokens, greedy in [*said, *given]:
        one = explain(net, read(file), tokens)
        captions.append({"file": file, "caption": text, "greedy": greedy, **one})
        print(file, text, one["sentence"]["logProbability"])
    keep(DEMO / "words" / "expected.json", "demo-caption", {"layer": LAYER, "grid": [8, 8], "captions": captions}, 1)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
