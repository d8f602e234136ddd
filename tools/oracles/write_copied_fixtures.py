# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "onnx", "onnxruntime", "numpy"]
# ///
"""Writes packages/core/test/fixtures/copied: ONNX files with nodes that are copied, and what PyTorch says of them.

    python tools/oracles/write_copied_fixtures.py

Values are float64, of two items. Quantised nets that compute with integers are what ONNX Runtime's tools write, and
their scores are those of ONNX Runtime on the untouched file, each picture alone. Seeded: a second run gives the same weights and values.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime import quantization

from copied_nets import NETS, SIZE, Pair, plain
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
    write_quantised("integers", quantise_static)
    write_quantised("dynamic", quantization.quantize_dynamic)


class Pictures(quantization.CalibrationDataReader):
    def __init__(self):
        random = np.random.default_rng(SEED)
        self.left = iter([random.random((1, 3, SIZE, SIZE), np.float32) for _ in range(4)])

    def get_next(self):
        picture = next(self.left, None)
        return None if picture is None else {"x": picture}


def write_quantised(name, quantise):
    file = FOLDER / f"{name}.onnx"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "plain.onnx")
        onnx.save(plain(Pair(pixels(), SEED)), str(source))
        quantise(str(source), str(file))
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    scores = [session.run(None, {"x": one[None].numpy()})[0][0] for one in pixels()]
    found = {"seed": SEED, "input": float32(pixels().permute(0, 2, 3, 1).numpy()), "scores": float32(np.stack(scores))}
    write_json(FOLDER / f"{name}.json", found)
    print(name, file.stat().st_size)


def quantise_static(source, target):
    quantization.quantize_static(source, target, Pictures(), quant_format=quantization.QuantFormat.QOperator)


if __name__ == "__main__":
    main()
