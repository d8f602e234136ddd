"""ResNets for pictures of 32x32, as the paper has them (arXiv 1512.03385, section 4.2), with the names of pytorch-cifar."""

import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, width, stride, is_deep, has_weights):
        super().__init__()
        outputs = width * 4 if is_deep else width
        kernels = (1, 3, 1) if is_deep else (3, 3)
        last = inputs
        for index, size in enumerate(kernels):
            channels = outputs if index == len(kernels) - 1 else width
            # The first kernel of 3x3 halves the grid.
            step = stride if index == kernels.index(3) else 1
            setattr(self, f"conv{index + 1}", nn.Conv2d(last, channels, size, step, size // 2, bias=False))
            setattr(self, f"bn{index + 1}", nn.BatchNorm2d(channels))
            last = channels
        self.depth, self.stride, self.fill = len(kernels), stride, (outputs - inputs) // 2
        self.shortcut = nn.Sequential()
        if has_weights and (stride > 1 or inputs != outputs):
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = x
        for index in range(1, self.depth + 1):
            y = getattr(self, f"bn{index}")(getattr(self, f"conv{index}")(y))
            y = F.relu(y) if index < self.depth else y
        if len(self.shortcut) > 0:
            return F.relu(y + self.shortcut(x))
        kept = x[:, :, :: self.stride, :: self.stride]
        return F.relu(y + F.pad(kept, (0, 0, 0, 0, self.fill, self.fill)))


class CifarResNet(nn.Module):
    """`layer1`, `layer2`, .. with the given widths and numbers of units."""

    def __init__(self, widths, units, classes, is_deep=False, has_weights=True):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0])
        last = widths[0]
        self.stages = len(widths)
        for stage, (width, count) in enumerate(zip(widths, units)):
            blocks = []
            for unit in range(count):
                blocks.append(Block(last, width, 2 if unit == 0 and stage > 0 else 1, is_deep, has_weights))
                last = width * 4 if is_deep else width
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(last, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.linear(x.mean((2, 3)))
