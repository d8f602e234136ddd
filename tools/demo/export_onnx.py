# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.13.0", "onnx==1.23.1", "onnxscript==0.7.2"]
# ///
"""Exports the demo ResNet from PyTorch to ONNX, as the users of PyTorch do it.

    python tools/demo/export_onnx.py <weights>

demo/pytorch/demo-resnet.onnx  the same weights as demo-resnet.tar.gz, in a file that
                               `torch.onnx.export` wrote; the input is [n, 3, 128, 128], RGB from
                               0 to 255 minus the mean of architecture.json
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

from torch_nets import DemoResnet

TARGET = Path(__file__).parents[2] / "demo" / "pytorch" / "demo-resnet.onnx"


class ClassicResnet(nn.Module):
    """The demo ResNet with the input and the module names that people know from torchvision."""

    def __init__(self, net):
        super().__init__()
        self.conv1, self.bn1 = net.conv1
        self.relu = nn.ReLU()
        for number in (1, 2, 3):
            block = [unit for name, unit in net.units.items() if name.startswith(f"block{number}/")]
            setattr(self, f"layer{number}", nn.Sequential(*block))
        self.fc = net.logits

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        x = F.max_pool2d(F.pad(x, (0, 1, 0, 1)), 3, 2)
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


def load(weights):
    """The demo net with the tensors that train.py wrote."""
    net = DemoResnet()
    tensors = dict(np.load(Path(weights) / "demo-resnet.npz"))
    with torch.no_grad():
        for name, place in net.tensors().items():
            # `place` is a view of the parameter, so that copying into it sets the parameter.
            place.copy_(torch.from_numpy(tensors[name]))
    return net.eval()


def without_traces(path):
    """Leaves the names of modules and takes away what tells of the machine: paths in stack traces."""
    model = onnx.load(path)
    kept_keys = ("pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy")
    for node in model.graph.node:
        kept = [prop for prop in node.metadata_props if prop.key in kept_keys]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    values = [*model.graph.value_info, *model.graph.input, *model.graph.output]
    for holder in [*values, *model.graph.initializer, model.graph, model]:
        del holder.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    torch.manual_seed(0)
    net = load(sys.argv[1])
    classic = ClassicResnet(net).eval()
    pixels = torch.rand(2, 128, 128, 3) * 255
    with torch.no_grad():
        same = classic((pixels - net.mean).permute(0, 3, 1, 2))
        torch.testing.assert_close(same, net.head(net.features(pixels)), rtol=1e-4, atol=1e-4)
    example = torch.zeros(2, 3, 128, 128)
    batch = torch.export.Dim("batch")
    torch.onnx.export(
        classic,
        (example,),
        TARGET,
        dynamo=True,
        external_data=False,
        input_names=["image"],
        output_names=["logits"],
        dynamic_shapes={"x": {0: batch}},
    )
    without_traces(TARGET)
    print(f"wrote {TARGET.name}, {TARGET.stat().st_size:,} bytes")
