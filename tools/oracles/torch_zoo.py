# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "torchvision==0.28.0", "timm==1.0.29", "numpy"]
# ///
"""Writes the nets of torchvision and timm at full width with random weights, and compares each with PyTorch.

The nets called heads/.. are those of torch_heads.py, as trainers change them.

    python torch_zoo.py WORK [name..]

Each file is converted by tools/verify/compare-torch.mjs and removed. Prints a line of a table for each net. `float32` is
how far PyTorch's own float32 is from its float64. A net is right if it is within 1e-4 of the float64, or no further from
it than that; the last line says how many are not.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools/zoo"))
from seeded_weights import draw_weights, seed_of
from torch_expectations import calibrate, distance, explain
from torch_heads import HEADS
from torchvision_models import models

BOUND = 1e-4
SIZE = 65  # odd grids all the way

# torchvision: the module, and our name of it where it has no module of its own
TORCHVISION = {
    **{name: "layer4" for name in (
        "resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d "
        "wide_resnet50_2 wide_resnet101_2").split()},
    "vgg11": "features.19", "vgg13": "features.23", "vgg16": "features.29", "vgg19": "features.35",
    "vgg11_bn": "features.27", "vgg13_bn": "features.33", "vgg16_bn": "features.42", "vgg19_bn": "features.51",
    "mobilenet_v2": "features.18",
    **{f"densenet{layers}": "features.denseblock4" for layers in (121, 161, 169, 201)},
    "squeezenet1_0": "features.12", "squeezenet1_1": "features.12",
    **{f"efficientnet_b{number}": "features.8" for number in range(8)},
    **{f"convnext_{size}": "features.7" for size in ("tiny", "small", "base", "large")},
}
# timm: the module, our name of it, and the architecture to state, if the weights fit several
TIMM = {
    **{name: ("layer4", "layer4", None) for name in (
        "resnet18 resnet26 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d "
        "wide_resnet50_2 wide_resnet101_2").split()},
    "vgg11": ("features", "features.20", None), "vgg13": ("features", "features.24", None),
    "vgg16": ("features", "features.30", None), "vgg19": ("features", "features.36", None),
    "vgg11_bn": ("features", "features.28", None), "vgg13_bn": ("features", "features.34", None),
    "vgg16_bn": ("features", "features.43", None), "vgg19_bn": ("features", "features.52", None),
    **{f"densenet{layers}": ("features.denseblock4", "features.denseblock4", None) for layers in (121, 161, 169, 201)},
    "mobilenetv2_100": ("blocks.6", "blocks.6", None),
    **{f"efficientnet_b{n}": ("blocks.6", "blocks.6", f"efficientnet_b{n}") for n in range(5)},
    **{f"tf_efficientnet_b{n}": ("blocks.6", "blocks.6", f"tf_efficientnet_b{n}") for n in range(5)},
    **{f"convnext_{size}": ("stages.3", "stages.3", None) for size in ("tiny", "small", "base", "large")},
}


# Where our name of a module is another one than the net's.
HEAD_ENDPOINTS = {"features.7": "layer4", "0.7": "layer4"}


def measure(work, name, net, module, endpoint, flags, channels=3):
    size = 224 if "vgg" in name else SIZE
    draw_weights(net, size)
    calibrate(net, size, channels)
    net.eval()
    found = explain(net, module, size, channels=channels)
    own = distance(explain(net, module, size, torch.float32, found["best"], channels), found)
    for key in ("logits", "activation", "gradient"):
        np.ascontiguousarray(found[key], "<f8").tofile(work / f"{key}.f64")
    expected = {"size": size, "endpoint": endpoint, "best": found["best"], "channels": found["activation"].shape[-1]}
    (work / "expected.json").write_text(json.dumps(expected))
    file = work / "weights.pth"
    torch.save(net.state_dict(), file)
    command = ["node", str(ROOT / "tools/verify/compare-torch.mjs"), str(file), str(work / "expected.json")]
    result = subprocess.run([*command, *flags], capture_output=True, text=True)
    file.unlink()
    if result.returncode != 0:
        return {"error": result.stderr.strip().splitlines()[-5:]}
    return {**json.loads(result.stdout.splitlines()[-1]), "float32": own}


def main():
    work = Path(sys.argv[1])
    only = sys.argv[2:]
    work.mkdir(parents=True, exist_ok=True)
    failed = 0
    nets = [(f"torchvision/{n}", module, module, []) for n, module in TORCHVISION.items()]
    nets += [(f"timm/{n}", module, ours, ["--arch", arch] if arch else []) for n, (module, ours, arch) in TIMM.items()]
    for name, (_, _, _, _, module, head) in HEADS.items():
        ours = HEAD_ENDPOINTS.get(module, module) if name.startswith("resnet") else module
        nets.append((f"heads/{name}", module, ours, ["--head", head] if head else []))
    for full, module, endpoint, flags in nets:
        library, name = full.split("/")
        if only and full not in only and library not in only:
            continue
        torch.manual_seed(seed_of(full))
        channels = 3
        if library == "heads":
            build, _, _, channels, _, _ = HEADS[name]
            net = build(1)
        elif library == "timm":
            import timm

            net = timm.create_model(name)
        else:
            net = getattr(models, name)(weights=None)
        line = measure(work, name, net, module, endpoint, flags, channels)
        bad = "error" in line or not all(line[key] <= max(BOUND, line["float32"][key]) for key in ("logits", "map"))
        failed += bad
        print("FAIL" if bad else "ok  ", full, json.dumps(line), flush=True)
    print(f"{failed} exceed {BOUND} and PyTorch's float32")
    sys.exit(failed > 0)


main()
