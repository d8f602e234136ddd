# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "torchvision==0.28.*", "timm==1.0.*", "onnx"]
# ///
"""Exports the ONNX files whose rows `npm run bench -- --parts files` measures, by PyTorch's usual exporter.

    python tools/bench/export_files.py [--out DIR] [NET ..]

Weights are random, seeded, and as in the zoo (`tools/zoo/seeded_weights.py`). Pictures have 224 x 224 pixels.
"""

import argparse
import os
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "zoo"))
from exporters import export  # noqa: E402
from seeded_weights import draw_weights, seed_of  # noqa: E402
from torchvision_models import models  # noqa: E402

SIZE = 224
TORCHVISION = ("resnet50", "mobilenet_v3_large", "efficientnet_b0", "convnext_tiny")
TIMM = ("vit_tiny_patch16_224", "eca_nfnet_l0")


def main():
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=cache / "gradcam-bench" / "files")
    parser.add_argument("nets", nargs="*", default=[*TORCHVISION, *TIMM])
    options = parser.parse_intermixed_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.backends.nnpack.set_flags(False)
    for name in options.nets:
        torch.manual_seed(seed_of(name))
        net = build(name).eval()
        draw_weights(net, SIZE)
        path = options.out / f"{name}.onnx"
        export(net, path, "torchscript", True, SIZE)
        print(path.name, path.stat().st_size, flush=True)


def build(name):
    if name in TORCHVISION:
        return getattr(models, name)(weights=None)
    import timm

    return timm.create_model(name, pretrained=False)


if __name__ == "__main__":
    main()
