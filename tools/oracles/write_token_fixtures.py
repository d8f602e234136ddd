# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "timm==1.0.29", "transformers==5.18.*", "onnx", "onnxscript", "numpy"]
# ///
"""Writes packages/core/test/fixtures/tokens: nets of tokens as PyTorch's exporters write them, and their maps.

    python tools/oracles/write_token_fixtures.py [net ..]

Maps in float64, gradients by autograd at a batch of two, the papers' formulas on the cells of the picture as
`reshape_transform` of pytorch-grad-cam takes them: tokens in front are dropped, the rest is [height, width].
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from cam_formulas import plus_plus_weights, x_grad_weights
from fixture_json import float32, rounded, write_json
from token_nets import NETS, SIZE
from write_onnx_fixtures import strip

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/tokens"
SEED = 20201022
CLASS = 3
LIMIT = 200_000


def build(make):
    torch.manual_seed(SEED)
    net = make()
    # Position tables, class tokens and biases begin as zeros: a token at the wrong place would not show.
    for name, values in net.named_parameters():
        if values.dim() < 2 or "token" in name or "pos" in name or "bias_table" in name:
            low = 0.5 if values.dim() == 1 and name.endswith("weight") else -0.5
            torch.nn.init.uniform_(values, low, low + 1)
        else:
            torch.nn.init.normal_(values, std=values.shape[-1] ** -0.5)
    return net.eval()


class Layer:
    """One module's value, its cells [items, height, width, channels], and passes with another value there."""

    def __init__(self, net, name, grid, before):
        self.net, self.module = net, net.get_submodule(name)
        self.grid, self.before = grid, before

    def cells(self, value):
        if value.dim() == 4:
            return value
        count = self.grid[0] * self.grid[1]
        return value[:, self.before : self.before + count].reshape(len(value), *self.grid, -1)

    def run(self, x, change=None):
        kept = {}

        def hook(module, inputs, output):
            value = output[0] if isinstance(output, tuple) else output
            kept["value"] = value if change is None else change(value)
            return (kept["value"], *output[1:]) if isinstance(output, tuple) else kept["value"]

        handle = self.module.register_forward_hook(hook)
        logits = self.net(x)
        handle.remove()
        return logits, kept["value"]


def describe(layer, x):
    logits, value = layer.run(x.clone().requires_grad_())
    (gradient,) = torch.autograd.grad(logits[:, CLASS].sum(), value)
    a, g = (layer.cells(one).detach().numpy() for one in (value, gradient))
    items = []
    for item in range(len(x)):
        maps = formulas(a[item], g[item])
        weights = score_cam_weights(layer.net, a[item], x[item])
        maps["score-cam"] = of_terms(a[item] * weights)
        drops = ablation_drops(layer, x[item : item + 1]) / abs(float(logits[item, CLASS].detach()))
        maps["ablation-cam"] = of_terms(a[item] * drops)
        items.append({name: {"map": float32(m), "scale": rounded(s)} for name, (m, s) in maps.items()})
    return {"tokens": list(value.shape[1:-1]), "items": items}


def of_terms(terms):
    return terms.sum(-1), float(np.abs(terms).sum(-1).max())


def formulas(a, g):
    return {
        "grad-cam": of_terms(g.mean((0, 1)) * a),
        "grad-cam-plus-plus": of_terms(plus_plus_weights(a, g) * a),
        "hires-cam": of_terms(g * a),
        "grad-cam-elementwise": of_terms(np.maximum(g * a, 0)),
        "layer-cam": of_terms(np.maximum(g, 0) * a),
        "xgrad-cam": of_terms(x_grad_weights(a, g) * a),
        "eigen-cam": principal(a),
        "eigen-grad-cam": principal(a * g),
    }


def principal(values):
    """The projection on the first principal component; its largest magnitude is positive."""
    rows = values.reshape(-1, values.shape[-1])
    rows = rows - rows.mean(0)
    _, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    assert sizes[1] < 0.97 * sizes[0], sizes[:2]
    found = rows @ directions[0]
    found = found * np.sign(found[np.abs(found).argmax()])
    return found.reshape(values.shape[:2]), float(np.abs(found).max())


def score_cam_weights(net, a, x):
    scores = []
    for channel in np.moveaxis(a, -1, 0):
        mask = F.interpolate(torch.tensor(channel)[None, None], SIZE, mode="bilinear")[0, 0]
        mask = (mask - mask.min()) / (mask.max() - mask.min())
        scores.append(net((x * mask)[None])[0, CLASS].item())
    weights = np.exp(np.array(scores) - max(scores))
    return weights / weights.sum()


def ablation_drops(layer, x):
    """What the score loses where one channel of all tokens is zero."""
    with torch.no_grad():
        logits, value = layer.run(x)
        drops = []
        for k in range(value.shape[-1]):
            kept = (torch.arange(value.shape[-1]) != k).to(value)
            without, _ = layer.run(x, lambda value: value * kept)
            drops.append((logits - without)[0, CLASS].item())
    return np.array(drops)


def export(net, path, exporter):
    x = torch.zeros(1, 3, *SIZE)
    if exporter == "torchscript":
        axes = {"input": {0: "batch"}, "output": {0: "batch"}}
        torch.onnx.export(net, (x,), str(path), dynamo=False, opset_version=17, input_names=["input"],
                          output_names=["output"], dynamic_axes=axes)  # fmt: skip
    else:
        torch.onnx.export(net, (x,), dynamo=True, verbose=False).save(str(path), external_data=False)
    strip(path)
    size = path.stat().st_size
    if size > LIMIT:
        sys.exit(f"{path.name} has {size} bytes, the limit is {LIMIT}")
    print(path.name, size, flush=True)


def main():
    warnings.filterwarnings("ignore")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or NETS:
        make, grid, before, layers = NETS[name]
        net = build(make)
        torch.manual_seed(SEED + 1)
        x = torch.rand(2, 3, *SIZE)
        net.double()
        with torch.no_grad():
            logits = net(x.double())
        found = {
            "class": CLASS,
            "grid": list(grid),
            "before": before,
            "input": float32(x.permute(0, 2, 3, 1).numpy()),
            "logits": float32(logits.numpy()),
            "layers": {one: describe(Layer(net, one, grid, before), x.double()) for one in layers},
        }
        write_json(FOLDER / f"{name}.json", found)
        net.float()
        for exporter in ("torchscript", "dynamo"):
            try:
                export(net, FOLDER / f"{name}.{exporter}.onnx", exporter)
            except Exception as error:
                print(name, exporter, "NOT WRITTEN", str(error).splitlines()[:3], flush=True)
    (FOLDER / "PROVENANCE.md").write_text(PROVENANCE)


PROVENANCE = f"""# Where these files come from

Written by `tools/oracles/write_token_fixtures.py` (one command, from scratch) with PyTorch 2.13.0 on CPU,
timm 1.0.29 and transformers 5.18.0; seed {SEED}. Random weights, random inputs.

`<net>.<exporter>.onnx` is a net of `tools/oracles/token_nets.py` as PyTorch's TorchScript exporter (opset 17,
open batch) or its newer one (dynamo, batch of 1) writes it. `<net>.json` holds, in float64 and for two items
at once: logits, and for each layer the map of each method with the scale of its error (the largest sum, over
what is added up in a cell, of magnitudes).
"""


if __name__ == "__main__":
    main()
