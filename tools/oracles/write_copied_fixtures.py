# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "onnx", "numpy"]
# ///
"""Writes packages/core/test/fixtures/copied: ONNX files with nodes that are copied, and what PyTorch says of them.

    python tools/oracles/write_copied_fixtures.py

Values are float64, of two items. Seeded: a second run gives the same weights and values.
"""

import sys
from pathlib import Path

import torch

from copied_nets import NETS, SIZE, Pair
from fixture_json import float32, write_json

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/copied"
SEED = 20261129
CLASS = 2
LIMIT = 50_000


def pixels():
    torch.manual_seed(SEED)
    return torch.rand(2, 3, SIZE, SIZE)


def compute(write, layer=None, replace=None):
    """Runs a net; the value of one layer is replaced, so that gradients with respect to it can be asked for."""
    pair = Pair(pixels(), SEED)
    keep = pair.keep
    if layer is not None:
        pair.keep = lambda name, value: keep(name, replace(value) if name == layer else value)
    return pair, write(pair)


def grad_cam(write, layer):
    kept = {}

    def take(value):
        kept["value"] = value.detach().requires_grad_()
        return kept["value"]

    pair, _ = compute(write, layer, take)
    (gradient,) = torch.autograd.grad(pair.values["scores"][:, CLASS].sum(), kept["value"])
    weights = gradient.mean((2, 3), keepdim=True)
    return gradient, (weights * kept["value"]).sum(1).detach()


def ablation_cam(write, layer):
    """Weights (y - y_k) / |y|, where y_k is the score with channel k of the layer at 0."""
    pair, _ = compute(write)
    value, whole = pair.values[layer], pair.values["scores"][:, CLASS]
    drops = []
    for channel in range(value.shape[1]):

        def blank(value, channel=channel):
            value = value.clone()
            value[:, channel] = 0
            return value

        drops.append(whole - compute(write, layer, blank)[0].values["scores"][:, CLASS])
    weights = torch.stack(drops, 1) / whole.abs()[:, None]
    return (weights[:, :, None, None] * value).sum(1)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (write, layer, early) in NETS.items():
        pair, model = compute(write)
        data = model.SerializeToString()
        if len(data) > LIMIT:
            sys.exit(f"{name} has {len(data)} bytes, the limit is {LIMIT}")
        (FOLDER / f"{name}.onnx").write_bytes(data)
        gradient, cam = grad_cam(write, layer)
        found = {
            **{"seed": SEED, "layer": layer, "early": early, "class": CLASS},
            "input": float32(pixels().permute(0, 2, 3, 1).numpy()),
            "scores": float32(pair.values["scores"].numpy()),
            "gradient": float32(gradient.permute(0, 2, 3, 1).numpy()),
            "gradCam": float32(cam.numpy()),
        }
        if early is not None:
            found["ablationCam"] = float32(ablation_cam(write, early).numpy())
        write_json(FOLDER / f"{name}.json", found)
        print(name, len(data))


if __name__ == "__main__":
    main()
