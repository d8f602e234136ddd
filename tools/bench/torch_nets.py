"""TF-slim's ResNet-50 v1 and VGG16 as PyTorch modules, with drawn weights.

The shapes, strides and paddings are those of the published nets; what a run takes does not depend on
the values. Written without this repository's code, for comparisons with it.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Conv(nn.Module):
    """Convolution without bias, batch normalisation, and TF-slim's explicit padding beside a stride."""

    def __init__(self, channels, filters, size, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, size, stride, padding=(size - 1) // 2, bias=False)
        self.norm = nn.BatchNorm2d(filters, eps=1e-5)

    def forward(self, x):
        return self.norm(self.conv(x))


class Bottleneck(nn.Module):
    def __init__(self, channels, depth, stride):
        super().__init__()
        self.stride = stride
        self.shortcut = Conv(channels, 4 * depth, 1, stride) if channels != 4 * depth else None
        self.conv1 = Conv(channels, depth, 1)
        self.conv2 = Conv(depth, depth, 3, stride)
        self.conv3 = Conv(depth, 4 * depth, 1)
        self.relu1, self.relu2, self.relu3 = nn.ReLU(), nn.ReLU(), nn.ReLU()

    def forward(self, x):
        if self.shortcut is not None:
            kept = self.shortcut(x)
        else:
            kept = x if self.stride == 1 else F.max_pool2d(x, 1, self.stride)
        y = self.relu2(self.conv2(self.relu1(self.conv1(x))))
        return self.relu3(kept + self.conv3(y))


class ResNet50(nn.Module):
    """Blocks 1 to 3 halve the grid in their last unit."""

    def __init__(self, classes=1000):
        super().__init__()
        self.root = Conv(3, 64, 7, 2)
        self.relu = nn.ReLU()
        units, channels = [], 64
        for depth, count, stride in ((64, 3, 2), (128, 4, 2), (256, 6, 2), (512, 3, 1)):
            for i in range(count):
                units.append(Bottleneck(channels, depth, stride if i == count - 1 else 1))
                channels = 4 * depth
        self.units = nn.Sequential(*units)
        self.logits = nn.Linear(channels, classes)

    def forward(self, x):
        # TensorFlow's SAME pads an even input behind it only.
        x = F.pad(self.relu(self.root(x)), (0, 1, 0, 1), value=float("-inf"))
        x = self.units(F.max_pool2d(x, 3, 2))
        return self.logits(x.mean((2, 3)))

    @property
    def last(self):
        return self.units[-1]


class Vgg16(nn.Module):
    def __init__(self, classes=1000):
        super().__init__()
        layers, channels = [], 3
        for filters, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(repeats):
                layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
                channels = filters
            layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Linear(7 * 7 * 512, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(),
            nn.Linear(4096, classes),
        )  # fmt: skip

    def forward(self, x):
        return self.head(torch.flatten(self.features(x), 1))

    @property
    def last(self):
        """The ReLU of conv5_3."""
        return self.features[-2]


NETS = {"resnet_v1_50": ResNet50, "vgg16": Vgg16}


def make_net(name, seed=1):
    torch.manual_seed(seed)
    return NETS[name]().eval()
