# /// script
# requires-python = ">=3.11"
# dependencies = ["pillow", "numpy"]
# ///
"""Writes packages/core/test/fixtures/processors: pictures as the processors of Hugging Face and timm prepare them.

    python tools/oracles/processors.py

Their steps with Pillow, which they call: `Image.resize` to the stated sides, the middle cut out at whole pixels
(`(size - crop) // 2`, Hugging Face's `center_crop`; of timm's the difference is even here), scale, mean, deviation.
"""

import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from fixture_json import float32, uint8
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/processors"
SEED = 41
PICTURES = {"wide": (45, 70), "tall": (61, 38), "small": (9, 12)}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
FILTERS = {"lanczos": 1, "bilinear": 2, "bicubic": 3}


def prepare(picture, size, crop, number, mean, std):
    resized = np.asarray(Image.fromarray(picture).resize((size, size), resample=number))
    start = (size - crop) // 2
    cut = resized[start : start + crop, start : start + crop]
    return (cut / 255 - np.array(mean)) / np.array(std)


def hugging_face(kind, size, crop, number):
    sides = lambda length: {"height": length, "width": length}
    cutting = {"do_center_crop": True, "crop_size": sides(crop)} if crop < size else {}
    file = {
        "image_processor_type": kind,
        "do_resize": True,
        "size": sides(size),
        "resample": number,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        **HALF,
        **cutting,
    }
    apply = lambda picture: prepare(picture, size, crop, number, HALF["image_mean"], HALF["image_std"])
    return {"file": "preprocessor_config.json", "json": file, "apply": apply}


def timm(interpolation, crop_pct):
    config = {"input_size": [3, 24, 24], **IMAGENET, "crop_pct": crop_pct, "crop_mode": "squash", "interpolation": interpolation}
    size = int(np.floor(24 / crop_pct))
    apply = lambda picture: prepare(picture, size, 24, FILTERS[interpolation], **IMAGENET)
    return {"file": "config.json", "json": {"architecture": "net", "pretrained_cfg": config}, "apply": apply}


CASES = {
    "DeiT: bicubic, squash to 28, cut 24": hugging_face("DeiTImageProcessor", 28, 24, 3),
    "BEiT: lanczos, squash to 27, cut 24": hugging_face("BeitImageProcessor", 27, 24, 1),
    "ViT: bilinear, squash": hugging_face("ViTImageProcessor", 24, 24, 2),
    "timm squash: bicubic, crop_pct 0.9": timm("bicubic", 0.9),
    "timm squash: lanczos, all": timm("lanczos", 1.0),
}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    pictures = {name: textured_image(SEED + i, *size) for i, (name, size) in enumerate(PICTURES.items())}
    cases = []
    for name, case in CASES.items():
        results = {one: float32(case["apply"](picture)) for one, picture in pictures.items()}
        cases.append({"name": name, "file": case["file"], "json": case["json"], "results": results})
    value = {"pictures": {name: uint8(array) for name, array in pictures.items()}, "cases": cases}
    (FOLDER / "expected.json").write_text(json.dumps(value, indent=1) + "\n")
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/processors.py` (one command, from scratch) with Pillow {PIL.__version__}, NumPy
{np.__version__}; seed {SEED}. Computed pictures.
"""
    )


if __name__ == "__main__":
    main()
