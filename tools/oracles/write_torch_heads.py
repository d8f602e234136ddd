# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "torchvision==0.28.0", "safetensors", "numpy"]
# ///
"""Writes packages/converter/test/fixtures/torch-heads from scratch: nets of torchvision as trainers change them.

    python write_torch_heads.py [name..]

The weights are stored as float16, which halves the files, and rounded before anything is computed. NAME.expected.json:
logits, activation and gradient of one stage in float64, and what a user states with --head. The files of fastai's
kind are .pth with the keys `model` and `opt`; the others are .safetensors, whose names come in alphabetical order.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parents[1] / "zoo"))
from seeded_weights import draw_weights, seed_of
from torch_expectations import calibrate, explain
from torch_fixtures import write_expected, write_provenance
from torch_heads import HEADS

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/torch-heads"


def make(name):
    build, by, size, channels, module, head = HEADS[name]
    torch.manual_seed(seed_of(name))
    net = build(by)
    draw_weights(net, size)
    calibrate(net, size, channels)
    with torch.no_grad():
        for value in [*net.parameters(), *net.buffers()]:
            if value.is_floating_point():
                value.copy_(value.half())
    return net.eval(), size, channels, module, head


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or HEADS:
        net, size, channels, module, head = make(name)
        state = {key: value.half() if value.is_floating_point() else value for key, value in net.state_dict().items()}
        if name == "resnet_fastai":
            torch.save({"model": state, "opt": {"state": [], "hypers": [{"lr": 0.001}]}}, FOLDER / f"{name}.pth")
        else:
            save_file({key: value.contiguous() for key, value in state.items()}, FOLDER / f"{name}.safetensors")
        found = explain(net, module, size, channels=channels)
        write_expected(FOLDER, name, found, size=size, channels=channels, module=module, head=head)
    write_provenance(FOLDER, Path(__file__).name, "PyTorch, torchvision and safetensors")


main()
