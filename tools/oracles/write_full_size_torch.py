# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0"]
# ///
"""Writes a VGG16 as PyTorch saves it, with random weights, for the benchmark of conversions.

    python tools/oracles/write_full_size_torch.py --out DIR

DIR/torch_vgg16 gets vgg16.pth, 553 MB: the tensors of torchvision's vgg16. Nothing of this is committed.
"""

import argparse
from pathlib import Path

import torch

SEED = 20160830
WIDTHS = (64, 64, None, 128, 128, None, 256, 256, 256, None, 512, 512, 512, None, 512, 512, 512)
UNITS = ((25088, 4096), (4096, 4096), (4096, 1000))


def state_dict(generator):
    state, channels, place = {}, 3, 0
    for width in WIDTHS:
        if width is None:
            place += 1
            continue
        state[f"features.{place}.weight"] = torch.randn(width, channels, 3, 3, generator=generator) * (2 / (9 * channels)) ** 0.5
        state[f"features.{place}.bias"] = torch.zeros(width)
        channels, place = width, place + 2
    for place, (units, outputs) in zip((0, 3, 6), UNITS):
        state[f"classifier.{place}.weight"] = torch.randn(outputs, units, generator=generator) * (2 / units) ** 0.5
        state[f"classifier.{place}.bias"] = torch.zeros(outputs)
    return state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    folder = parser.parse_args().out / "torch_vgg16"
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state_dict(torch.Generator().manual_seed(SEED)), folder / "vgg16.pth")


if __name__ == "__main__":
    main()
