"""Nets of torchvision as trainers change them: heads of several layers, gray pictures, bodies in sequences.

HEADS: name -> the net, the size and channels of the picture, the module whose value is expected. `by` divides the
channels of the body; 1 is full width.
"""

from collections import OrderedDict

import torch
from narrow_nets import narrow
from torch import nn
from torchvision_models import models

CLASSES = 7


def mlp(inputs, hidden, *between):
    return nn.Sequential(nn.Linear(inputs, hidden), *between, nn.Linear(hidden, CLASSES))


def resnet(by, gray=False):
    net = models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1]) if by > 1 else models.resnet18()
    if gray:
        # Without `bias=False`, as many write it.
        net.conv1 = nn.Conv2d(1, 64, 7, 2, 3)
    return narrow(net, by) if by > 1 else net


def resnet_gray(by):
    net = resnet(by, gray=True)
    hidden = 384 // by
    net.fc = mlp(512 // by, hidden, nn.BatchNorm1d(hidden), nn.GELU(), nn.Dropout(0.2))
    return net


def resnet_named(by):
    net = resnet(by)
    hidden = 400 // by
    layers = [("fc1", nn.Linear(512 // by, hidden)), ("relu", nn.ReLU()), ("drop", nn.Dropout(0.3))]
    net.fc = nn.Sequential(OrderedDict([*layers, ("fc2", nn.Linear(hidden, CLASSES))]))
    return net


def resnet_twice(by):
    """Nothing lies between the two linear layers, as their numbers say."""
    net = resnet(by)
    net.fc = mlp(512 // by, 256 // by)
    return net


class Children(nn.Module):
    """A body made of another net's children, and a head beside it."""

    def __init__(self, by):
        super().__init__()
        self.features = nn.Sequential(*list(resnet(by).children())[:-1])
        self.fc1, self.fc2 = nn.Linear(512 // by, 256 // by), nn.Linear(256 // by, CLASSES)

    def forward(self, x):
        x = torch.flatten(self.features(x), 1)
        return self.fc2(torch.relu(self.fc1(x)))


class BothPools(nn.Module):
    """fastai's AdaptiveConcatPool2d, after its documentation."""

    def forward(self, x):
        pools = nn.functional.adaptive_max_pool2d(x, 1), nn.functional.adaptive_avg_pool2d(x, 1)
        return torch.cat(pools, 1)


def resnet_fastai(by):
    """What `vision_learner(dls, resnet18)` makes: normalisation and dropout before each linear layer."""
    inputs, hidden = 1024 // by, 512 // by
    head = nn.Sequential(
        BothPools(), nn.Flatten(), nn.BatchNorm1d(inputs), nn.Dropout(0.25), nn.Linear(inputs, hidden, bias=False),
        nn.ReLU(), nn.BatchNorm1d(hidden), nn.Dropout(0.5), nn.Linear(hidden, CLASSES, bias=False),
    )  # fmt: skip
    return nn.Sequential(nn.Sequential(*list(resnet(by).children())[:-2]), head)


def vgg(by):
    return narrow(models.vgg11(), by, 16) if by > 1 else models.vgg11()


def vgg_tail(by):
    net = vgg(by)
    net.classifier[6] = mlp(net.classifier[3].out_features, 512 // by, nn.ReLU(), nn.Dropout(0.4))
    return net


def vgg_head(by):
    net = vgg(by)
    net.classifier = mlp(25088 // by, 512 // by, nn.ReLU(), nn.Dropout(0.4))
    return net


def mobilenet_head(by):
    net = narrow(models.mobilenet_v2(), by) if by > 1 else models.mobilenet_v2()
    hidden = 384 // by
    head = mlp(1280 // by, hidden, nn.BatchNorm1d(hidden), nn.SiLU())
    net.classifier = nn.Sequential(nn.Dropout(0.2), *head)
    return net


def densenet_head(by):
    net = models.DenseNet(4, (2, 3, 2, 2), 8) if by > 1 else models.densenet121()
    net.classifier = mlp(net.classifier.in_features, 24, nn.LeakyReLU(0.2), nn.Dropout(0.3))
    return net


def efficientnet_head(by):
    net = narrow(models.efficientnet_b0(), by) if by > 1 else models.efficientnet_b0()
    net.classifier[1] = mlp(1280 // by, 256 // by, nn.ReLU(), nn.Dropout(0.3))
    return net


def convnext_head(by):
    setting = models.convnext.CNBlockConfig
    few = [setting(64, 128, 1), setting(128, 192, 1), setting(192, 256, 1), setting(256, None, 1)]
    net = narrow(models.ConvNeXt(few), by) if by > 1 else models.convnext_tiny()
    inputs = net.classifier[2].in_features
    net.classifier[2] = nn.Sequential(nn.Linear(inputs, 24), nn.LayerNorm(24), nn.GELU(), nn.Linear(24, CLASSES))
    return net


def squeezenet_head(by):
    net = narrow(models.squeezenet1_1(), by) if by > 1 else models.squeezenet1_1()
    net.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), *mlp(512 // by, 24, nn.ReLU()))
    return net


# name: the net, by what it is narrowed for a fixture, picture, channels, module, what is stated with --head
HEADS = {
    "resnet_gray": (resnet_gray, 16, 65, 1, "layer4", "Linear,BatchNorm1d,GELU,Dropout,Linear"),
    "resnet_named": (resnet_named, 16, 64, 3, "layer4", None),
    "resnet_twice": (resnet_twice, 32, 64, 3, "layer4", None),
    "resnet_children": (Children, 32, 64, 3, "features.7", None),
    "resnet_fastai": (resnet_fastai, 32, 64, 3, "0.7", None),
    "vgg_tail": (vgg_tail, 32, 224, 3, "features.19", None),
    "vgg_head": (vgg_head, 32, 224, 3, "features.19", None),
    "mobilenet_head": (mobilenet_head, 16, 65, 3, "features.18", "Linear,BatchNorm1d,SiLU,Linear"),
    "densenet_head": (densenet_head, 16, 65, 3, "features.denseblock4", "Linear,LeakyReLU(0.2),Dropout(0.3),Linear"),
    "efficientnet_head": (efficientnet_head, 16, 65, 3, "features.8", None),
    "convnext_head": (convnext_head, 8, 64, 3, "features.7", "Linear,LayerNorm,GELU,Linear"),
    "squeezenet_head": (squeezenet_head, 8, 64, 3, "features.12", None),
}
