"""The two demo nets in PyTorch, shaped by demo/architecture.json, and their tensors under the names
and in the layouts that the exported files use.

Both take NHWC float pixels 0..255 in RGB and do the published preprocessing themselves, so that
what is trained is what the converter will be told.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

ARCHITECTURE = json.loads(
    (Path(__file__).parents[2] / "demo" / "architecture.json").read_text()
)


def conv_bn(inputs, outputs, kernel, stride=1):
    # Symmetric padding in front of a strided convolution is TF-slim's conv2d_same.
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(conv, nn.BatchNorm2d(outputs, eps=1e-5))


class Bottleneck(nn.Module):
    def __init__(self, inputs, base, stride):
        super().__init__()
        self.stride = stride
        self.shortcut = None if inputs == 4 * base else conv_bn(inputs, 4 * base, 1, stride)
        self.conv1 = conv_bn(inputs, base, 1)
        self.conv2 = conv_bn(base, base, 3, stride)
        self.conv3 = conv_bn(base, 4 * base, 1)
        # A unit that starts as the identity trains faster.
        nn.init.zeros_(self.conv3[1].weight)

    def forward(self, x):
        s = self.stride
        shortcut = self.shortcut(x) if self.shortcut else x[:, :, ::s, ::s]
        y = F.relu(self.conv2(F.relu(self.conv1(x))))
        return F.relu(shortcut + self.conv3(y))


class DemoResnet(nn.Module):
    def __init__(self):
        super().__init__()
        spec = ARCHITECTURE["demo-resnet"]
        self.spec = spec
        self.register_buffer("mean", torch.tensor(spec["mean"]))
        self.conv1 = conv_bn(3, spec["root"], 7, 2)
        self.units = nn.ModuleDict()
        channels = spec["root"]
        for block in spec["blocks"]:
            for i in range(1, block["units"] + 1):
                stride = block["stride"] if i == block["units"] else 1
                unit = Bottleneck(channels, block["baseDepth"], stride)
                self.units[f"{block['name']}/unit_{i}"] = unit
                channels = 4 * block["baseDepth"]
        self.logits = nn.Linear(channels, ARCHITECTURE["classes"])

    def features(self, pixels):
        x = (pixels - self.mean).permute(0, 3, 1, 2)
        x = F.relu(self.conv1(x))
        # TensorFlow's SAME pads only after the last row and column at even sizes.
        x = F.max_pool2d(F.pad(x, (0, 1, 0, 1)), 3, 2)
        for unit in self.units.values():
            x = unit(x)
        return x

    def head(self, features):
        return self.logits(features.mean((2, 3)))

    def helpers(self, features):
        return None

    def penalty(self):
        return 0.0

    def tensors(self):
        scope = self.spec["scope"]
        found = {}

        def add(name, pair):
            conv, bn = pair
            found[f"{name}/weights"] = conv.weight.permute(2, 3, 1, 0)
            found[f"{name}/BatchNorm/gamma"] = bn.weight
            found[f"{name}/BatchNorm/beta"] = bn.bias
            found[f"{name}/BatchNorm/moving_mean"] = bn.running_mean
            found[f"{name}/BatchNorm/moving_variance"] = bn.running_var

        add(f"{scope}/conv1", self.conv1)
        for name, unit in self.units.items():
            for part in ("shortcut", "conv1", "conv2", "conv3"):
                if getattr(unit, part) is not None:
                    add(f"{scope}/{name}/bottleneck_v1/{part}", getattr(unit, part))
        found[f"{scope}/logits/weights"] = self.logits.weight.T[None, None]
        found[f"{scope}/logits/biases"] = self.logits.bias
        found[f"{scope}/mean_rgb"] = self.mean
        return found


class DemoVgg(nn.Module):
    """Trained with batch normalisation, which `tensors` folds into plain convolutions.

    fc6 and fc7 have no biases (zeros in the file). Such a head is homogeneous: twice the evidence is
    twice the logit above fc8's bias, so it cannot saturate. A head with biases can answer "a dog,
    however big" by saturating; its gradient then says little about where the dog is.
    """

    def __init__(self):
        super().__init__()
        spec = ARCHITECTURE["demo-vgg"]
        self.spec = spec
        self.register_buffer("mean", torch.tensor(spec["mean"]))
        self.convs = nn.ModuleDict()
        channels = 3
        for s, stage in enumerate(spec["stages"], 1):
            for i, width in enumerate(stage, 1):
                self.convs[f"conv{s}_{i}"] = conv_bn(channels, width, 3)
                channels = width
        height, width, depth = spec["flatten"]
        self.cells = height * width
        self.fc6 = nn.Linear(self.cells * depth, spec["fc"]["fc6"], bias=False)
        self.fc7 = nn.Linear(spec["fc"]["fc6"], spec["fc"]["fc7"], bias=False)
        self.fc8 = nn.Linear(spec["fc"]["fc7"], spec["fc"]["fc8"])
        # A second classifier that only training sees: it asks conv5 for local evidence.
        self.helper = nn.Linear(depth, spec["fc"]["fc8"])
        with torch.no_grad():
            # An object may stand anywhere: start with the same weights for every grid cell.
            cell = torch.randn(spec["fc"]["fc6"], depth) * (2 / depth) ** 0.5 / self.cells**0.5
            self.fc6.weight.copy_(cell.repeat(1, self.cells))

    def features(self, pixels):
        x = (pixels.flip(-1) - self.mean).permute(0, 3, 1, 2)
        for name, conv in self.convs.items():
            if name.endswith("_1") and name != "conv1_1":
                x = F.max_pool2d(x, 2)
            x = F.relu(conv(x))
        return x

    def head(self, features):
        x = F.max_pool2d(features, 2).permute(0, 2, 3, 1).flatten(1)
        x = F.dropout(F.relu(self.fc6(x)), 0.2, self.training)
        x = F.dropout(F.relu(self.fc7(x)), 0.2, self.training)
        return self.fc8(x)

    def helpers(self, features):
        return self.helper(features.mean((2, 3)))

    def penalty(self):
        """How far fc6 is from treating all places alike. Grad-CAM averages its gradient over the
        places, so a net whose weights agree on them is one that Grad-CAM describes well."""
        weight = self.fc6.weight.view(self.fc6.out_features, self.cells, -1)
        return (weight - weight.mean(1, keepdim=True)).square().sum()

    def tensors(self):
        found = {}
        for name, (conv, bn) in self.convs.items():
            scale = bn.weight.double() / (bn.running_var.double() + bn.eps).sqrt()
            weight = conv.weight.double() * scale[:, None, None, None]
            found[f"{name}/weights"] = weight.permute(2, 3, 1, 0)
            found[f"{name}/biases"] = bn.bias.double() - bn.running_mean.double() * scale
        for name in ("fc6", "fc7", "fc8"):
            layer = getattr(self, name)
            found[f"{name}/weights"] = layer.weight.T
            found[f"{name}/biases"] = (
                torch.zeros(layer.out_features) if layer.bias is None else layer.bias
            )
        return found


NETS = {"demo-resnet": DemoResnet, "demo-vgg": DemoVgg}
