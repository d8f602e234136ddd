# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.13.0", "onnx==1.23.1"]
# ///
"""Scores demo-caption.onnx on held-out scenes and writes its part of demo/words/evaluation.json.

    node tools/demo/render.mjs <scenes> --words --train 8000 --val 400 --test 2000
    python tools/demo/evaluate_caption.py <scenes>

Each scene is described greedily. Pointing game: for each noun of the sentence whose object is in the picture, the
peak of the noun's map must lie in the box of an object of that class.
"""

import sys

import numpy as np
import torch

from intervals import share_over_scenes
from scene_data import load_scenes
from words_check import judge_caption, read_caption
from words_decoder import CaptionNet, Captions
from words_language import caption_text
from words_maps import say_captions, word_maps
from words_nets import DEMO, MEAN, Encoder
from words_points import FILE, Pointing, keep

BATCH = 50
# Of the scenes of the split `test`: a caption takes up to twenty runs of the decoder.
SCENES = 1000
# What is counted of what.
SHARES = {
    "namedObjectsPresent": ("present", "nouns"),
    "namedNumbersRight": ("counted", "nouns"),
    "namedColoursRight": ("coloured", "colours"),
    "relationsTrue": ("related", "relations"),
    "relationsInThatHalf": ("halves", "relations"),
    "presentClassesNamed": ("mentioned", "classes"),
}


def expand(judged, part, whole):
    """One case for each thing of the whole: (scene, whether it counts)."""
    return [(s, k < one[part]) for s, one in enumerate(judged) for k in range(one[whole])]


def main(folder):
    pixels, scenes, _ = load_scenes(folder, "test")
    pixels, scenes = pixels[:SCENES], scenes[:SCENES]
    rng = np.random.default_rng(1)
    net = CaptionNet(Encoder(), Captions()).load_onnx(DEMO / "words" / "caption" / "demo-caption.onnx").eval()
    mean = torch.tensor(MEAN)[:, None, None]
    judged, pointing = [], Pointing(pixels.shape[1], rng)
    for start in range(0, len(scenes), BATCH):
        chunk = torch.from_numpy(pixels[start : start + BATCH].astype(np.float32)).permute(0, 3, 1, 2) - mean
        with torch.no_grad():
            features = net.encoder(chunk)
        for i, tokens in enumerate(say_captions(net.captions, features)):
            scene = scenes[start + i]
            text = caption_text(tokens)
            judged.append(judge_caption(text, scene))
            present = {one["class"] for one in scene}
            nouns = [noun for noun in read_caption(text)["nouns"] if noun["label"] in present]
            if not nouns:
                continue
            places = [noun["place"] + 1 for noun in nouns]
            maps = word_maps(net.captions, features[i : i + 1], tokens, places)
            for k, noun in enumerate(nouns):
                boxes = [one["box"] for one in scene if one["class"] == noun["label"]]
                found = {name: each[k] for name, each in maps.items()}
                pointing.add("nouns", start + i, boxes, found)
    result = {
        "scenes": len(scenes),
        "captions": {
            "wellFormed": share_over_scenes([(s, one["formed"]) for s, one in enumerate(judged)], rng),
            **{name: share_over_scenes(expand(judged, *pair), rng) for name, pair in SHARES.items()},
        },
        "pointing": pointing.shares(),
    }
    keep(FILE, "demo-caption", result, 2)
    print(result)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1])
