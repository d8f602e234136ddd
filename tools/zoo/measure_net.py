# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "torchvision==0.28.*", "timm==1.0.*", "transformers==5.*", "onnx", "onnxscript", "numpy"]
# ///
"""Measures one net of the zoo: exports it, lets Node explain the files, and compares with torch's autograd.

    python tools/zoo/measure_net.py NET FOLDER [EXPORTER ..]

Writes FOLDER/NET.EXPORTER.json for each exporter. The files themselves are removed.
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import torch

from decisions import Decisions
from exporters import export
from nets import NETS, build
from seeded_weights import draw_weights, seed_of
from torch_values import find_value, gradient_at_input, gradient_at_value, scores_of

EXPORTERS = ("torchscript", "dynamo")
CLASS = 3
ITEMS = 2
# tfjs wasm takes minutes for larger nets.
WASM_BYTES = 25_000_000
WASM_PIXELS = 96
SECONDS = 1200
EXPLAIN = Path(__file__).with_name("explain-file.mjs")
LIST_DECISIONS = Path(__file__).with_name("list-decisions.mjs")
GRADIENTS = ("input", "guided")
TOLERANCE = 1e-4
DRAWS = 4
HALF_STEP = 2**-24


def measure_net(name, folder, exporters, with_wasm=False):
    """Measures a net in this process and writes a JSON file for each exporter."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    # It warns of every convolution where a processor does not suit it.
    torch.backends.nnpack.set_flags(False)
    torch.manual_seed(seed_of(name))
    net, size = build(name)
    draw_weights(net, size)
    inputs = torch.rand(ITEMS, 3, size, size)
    reference = Reference(net, inputs)
    for exporter in exporters:
        # Each exporter meets both kinds over the set, and each net too.
        is_open = (NETS.index(name) + (exporter == "dynamo")) % 2 == 0
        found = {"net": name, "size": size, "exporter": exporter}
        for is_open in (True, False) if is_open else (False,):
            found["batch"] = "open" if is_open else "1"
            found.update(measure_file(copy.deepcopy(net), inputs, reference, exporter, is_open, with_wasm))
            # Some nets are exported for a fixed batch alone.
            if found["exports"]:
                found.pop("why", None)
                break
        path = Path(folder) / f"{name}.{exporter}.json"
        path.write_text(json.dumps(found, indent=1) + "\n")


class Reference:
    """What torch says in float64 and in float32, each computed once."""

    def __init__(self, net, inputs):
        self.nets = {"float64": copy.deepcopy(net).double(), "float32": net}
        self.inputs = {"float64": inputs.double(), "float32": inputs}
        self.known = {}

    def scores(self, precision):
        with torch.no_grad():
            return self.keep(("scores", precision), lambda: scores_of(self.nets[precision], self.inputs[precision]))

    def input_gradient(self, precision, is_guided):
        return self.keep(
            ("input", precision, is_guided),
            lambda: gradient_at_input(self.nets[precision], self.inputs[precision], CLASS, is_guided),
        )

    def layer(self, precision, place):
        return self.keep(
            ("layer", precision, place),
            lambda: gradient_at_value(self.nets[precision], self.inputs[precision], CLASS, place),
        )

    def keep(self, key, compute):
        if key not in self.known:
            self.known[key] = compute()
        return self.known[key]


def measure_file(net, inputs, reference, exporter, is_open, with_wasm):
    size = inputs.shape[-1]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "net.onnx"
        start = time.monotonic()
        try:
            export(net, path, exporter, is_open, size)
        except Exception as error:
            return {"exports": False, "why": first_line(error)}
        found = {"exports": True, "bytes": path.stat().st_size, "exportSeconds": round(time.monotonic() - start, 1)}
        inputs.numpy().tofile(Path(scratch) / "pictures.f32")
        engines = ["onnx"]
        if with_wasm and found["bytes"] <= WASM_BYTES and size <= WASM_PIXELS:
            engines.append("wasm")
        for engine in engines:
            ours = explain(path, Path(scratch), engine, size)
            errors = compare(ours, Path(scratch), reference) if ours.get("opens") else {}
            found[engine] = {**ours, **errors}
        missed = [what for what in GRADIENTS if found["onnx"].get(what, 0) > TOLERANCE]
        if missed:
            found["onnx"]["decided"] = compare_decisions(path, Path(scratch), reference, size, missed)
        return found


def compare_decisions(path, scratch, reference, size, missed):
    """Our gradients beside torch's with our slopes wherever rounding decides the slope."""
    command = ["node", str(LIST_DECISIONS), str(path), str(scratch), str(ITEMS), str(size), str(CLASS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode != 0:
        return {"why": done.stderr.strip()[-300:]}
    decisions = Decisions(reference, scratch, json.loads(done.stdout))
    found = {"units": decisions.units, "outside": decisions.outside, "margin": decisions.margin}
    for what in missed:
        shape = (ITEMS, size, size, 3)
        mine = np.fromfile(scratch / f"decided-{what}.f32", np.float32).reshape(shape)
        wanted = decisions.input_gradient(CLASS, what == "guided")
        error = (torch.from_numpy(mine).double().movedim(-1, 1) - wanted).abs().max()
        found[what] = float(error / wanted.abs().max())
        if found[what] > TOLERANCE:
            found[f"{what}Sensitivity"] = sensitivity(reference, what == "guided")
    return found


def sensitivity(reference, is_guided):
    """How far the gradient moves in float64 where every weight is off by up to half a step of float32."""
    wanted = reference.input_gradient("float64", is_guided)
    moved = []
    for _ in range(DRAWS):
        net = copy.deepcopy(reference.nets["float64"])
        with torch.no_grad():
            for weight in net.parameters():
                weight.mul_(1 + HALF_STEP * (2 * torch.rand_like(weight) - 1))
        gradient = gradient_at_input(net, reference.inputs["float64"], CLASS, is_guided)
        moved.append(float((gradient - wanted).abs().max() / wanted.abs().max()))
    return max(moved)


def first_line(error):
    lines = [line.strip() for line in f"{type(error).__name__}: {error}".splitlines() if line.strip()]
    return " ".join(lines)[:300]


def explain(path, scratch, engine, size):
    """What Node found; its arrays lie in the folder."""
    command = ["node", str(EXPLAIN), str(path), str(scratch), engine, str(ITEMS), str(size), str(CLASS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env={**os.environ})
    except subprocess.TimeoutExpired:
        return {"opens": False, "why": f"not done after {SECONDS} s"}
    if done.returncode != 0:
        return {"opens": False, "why": done.stderr.strip()[-300:]}
    return json.loads(done.stdout)


def compare(ours, scratch, reference):
    def read(what):
        return torch.from_numpy(
            np.fromfile(scratch / f"{what}.f32", np.float32).reshape(ours["shapes"][what])
        ).double()

    found = {}
    add_error(found, "output", read("scores"), reference.scores, largest_range)
    for what, is_guided in (("input", False), ("guided", True)):
        mine = read(what).movedim(-1, 1)
        add_error(found, what, mine, lambda precision: reference.input_gradient(precision, is_guided), largest)
    if "map" in ours["shapes"]:
        found.update(compare_maps(read("activation"), read("map"), ours.get("tokens"), reference))
    return found


def compare_maps(activation, mine, tokens, reference):
    """Tokens are [items, 1, .., places, channels]; those before and after the cells are not in the map."""
    cells = slice(None)
    if tokens is not None:
        activation = activation.reshape(activation.shape[0], -1, activation.shape[-1])
        cells = slice(tokens["before"], activation.shape[1] - tokens["after"])
    at = find_value(reference.nets["float64"], reference.inputs["float64"], activation)
    if at is None:
        return {"noValue": "no value of torch's forward pass equals the one of the layer"}
    place, arrange = at
    scale = {}

    def cam(precision):
        value, gradient = (arrange(one.double())[:, cells] for one in reference.layer(precision, place))
        axes = tuple(range(1, value.dim() - 1))
        terms = gradient.mean(axes, keepdim=True) * value
        scale[precision] = terms.abs().sum(-1).max()
        return terms.sum(-1)

    found = {}
    add_error(found, "cam", mine, cam, lambda _: scale["float64"])
    return found


def add_error(found, what, mine, compute, scale_of):
    """Our error, and that of torch's own float32, in units of the scale of the float64 values."""
    wanted, rounded = compute("float64").double(), compute("float32").double()
    scale = scale_of(wanted)
    found[what] = float((mine.reshape(wanted.shape) - wanted).abs().max() / scale)
    found[f"{what}Float32"] = float((rounded - wanted).abs().max() / scale)
    if what in ("output", "input", "guided"):
        found[f"{what}Scale"] = float(scale)


def largest(wanted):
    return wanted.abs().max()


def largest_range(wanted):
    return wanted.max() - wanted.min()


if __name__ == "__main__":
    measure_net(sys.argv[1], sys.argv[2], sys.argv[3:] or EXPORTERS)
