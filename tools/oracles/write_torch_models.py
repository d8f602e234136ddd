# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "torchvision==0.28.0", "numpy"]
# ///
"""Writes packages/converter/test/fixtures/torch-models from scratch: whole models, as `torch.save(model, ..)` has them.

    python write_torch_models.py

The net of each file is one of torch_heads.py, or a narrow one of torchvision. NAME.expected.json: logits, activation
and gradient of one stage in float64. training.pth is a checkpoint with all that training programs save beside weights; training_best.pth has a tensor there.
"""

import argparse
import collections
import datetime
import pathlib
import sys
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1] / "zoo"))
from narrow_nets import keep_classes, narrow
from seeded_weights import draw_weights, seed_of
from torch_expectations import calibrate, explain
from torch_fixtures import write_expected, write_provenance
from torch_heads import resnet, vgg
from torchvision_models import models

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/torch-models"
CLASSES = 7


def resnet_leaky():
    net = resnet(32)
    net.fc = nn.Sequential(nn.Linear(16, 12), nn.BatchNorm1d(12), nn.LeakyReLU(0.3), nn.Dropout(0.2), nn.Linear(12, 7))
    return net


def vgg_gelu():
    """The shapes of the published head, and another function."""
    net = vgg(32)
    for index in (1, 4):
        net.classifier[index] = nn.GELU()
    net.classifier[6] = nn.Linear(net.classifier[6].in_features, CLASSES)
    return net


def resnet_without_pool():
    """What many do for small pictures. No weight shows it."""
    net = resnet(64)
    net.fc = nn.Linear(8, CLASSES)
    net.maxpool = nn.Identity()
    return net


def resnet_dense():
    """A finer grid, by strides alone."""
    net = resnet(64)
    net.fc = nn.Linear(8, CLASSES)
    net.layer4[0].conv1.stride = (1, 1)
    net.layer4[0].downsample[0].stride = (1, 1)
    return net


# name: the net, picture, module; None for those that are refused
MODELS = {
    "resnet_leaky": (resnet_leaky, 64, "layer4"),
    "vgg_gelu": (vgg_gelu, 224, "features.19"),
    "squeezenet": (lambda: keep_classes(narrow(models.squeezenet1_1(), 8), CLASSES), 64, "features.12"),
    "resnet_without_pool": (resnet_without_pool, 64, None),
    "resnet_dense": (resnet_dense, 64, None),
}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (build, size, module) in MODELS.items():
        torch.manual_seed(seed_of(name))
        net = build()
        draw_weights(net, size)
        calibrate(net, size)
        net.eval()
        torch.save(net, FOLDER / f"{name}.pth")
        if name == "resnet_leaky":
            torch.save({"model": net, "epoch": 3}, FOLDER / f"{name}.legacy.pth", _use_new_zipfile_serialization=False)
        if module is None:
            continue
        found = explain(net, module, size)
        write_expected(FOLDER, name, found, size=size, module=module)
    logs = collections.defaultdict(list)
    logs["loss"].append(0.5)
    beside = {
        "args": argparse.Namespace(lr=0.1, data=pathlib.PurePosixPath("/data")),
        "when": datetime.datetime(2020, 1, 2, 3, 4),
        "took": datetime.timedelta(hours=2),
        "logs": logs,
        "counts": collections.Counter("aab"),
        "seen": {1, 2},
        "range": slice(1, 2),
    }
    torch.save({"model": nn.Linear(4, 3).state_dict(), **beside}, FOLDER / "training.pth")
    best = {"epoch": 3, "best_acc1": torch.tensor(71.5), "state_dict": nn.Linear(4, 3).state_dict()}
    torch.save(best, FOLDER / "training_best.pth")
    write_provenance(FOLDER, Path(__file__).name, "PyTorch and torchvision")


main()
