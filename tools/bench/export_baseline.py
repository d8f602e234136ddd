# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0"]
# ///
"""Exports the full-size nets by PyTorch's own ONNX exporter: the benchmark's independent forward pass.

    python tools/bench/export_baseline.py [--out DIR] [--nets resnet_v1_50,vgg16]

Without --out they go where `npm run bench` looks: $XDG_CACHE_HOME or ~/.cache, gradcam-bench. Nothing
of this is committed; resnet_v1_50 takes 0.1 GB, vgg16 0.6 GB.
"""

import argparse
import os
from pathlib import Path

import torch
from torch.onnx._internal.torchscript_exporter import onnx_proto_utils

from torch_nets import NETS, make_net

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gradcam-bench"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=CACHE)
    parser.add_argument("--nets", default=",".join(NETS))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # The exporter's last step adds custom functions, of which there are none, by a package of its own.
    onnx_proto_utils._add_onnxscript_fn = lambda model, opsets: model
    for name in options.nets.split(","):
        image = torch.zeros(1, 3, 224, 224)
        path = options.out / f"{name}.onnx"
        torch.onnx.export(
            make_net(name),
            (image,),
            path,
            dynamo=False,
            opset_version=18,
            input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        )
        print(path)


if __name__ == "__main__":
    main()
