# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "torchvision==0.28.0", "timm==1.0.29", "safetensors", "numpy"]
# ///
"""Writes packages/converter/test/fixtures/torch from scratch: narrow nets of torchvision and timm in PyTorch's files.

    python write_torch_files.py [name..]

NAME.pth is what torch.save writes since version 1.6, NAME.legacy.pth what it wrote before, NAME.tar.pth what it wrote
before 0.1.10 (by hand, after the reader that PyTorch still has for it, which reads it back here), NAME.safetensors
what the library of that name writes. NAME.expected.json: logits, and activation and gradient of one stage, in float64.
few.*: a handful of tensors in each container, small files from which the fuzzer makes mutants.
"""

import io
import json
import pickle
import struct
import sys
import tarfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parents[1] / "zoo"))
from cifar_nets import CifarResNet
from narrow_nets import keep_classes, narrow
from seeded_weights import draw_weights, seed_of
from torch_expectations import calibrate, explain
from torch_fixtures import write_expected, write_provenance
from torchvision_models import models

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/torch"
CLASSES = 7

BASIC, BOTTLENECK = models.resnet.BasicBlock, models.resnet.Bottleneck
# name: the net, the size of the picture, the module whose value is expected, how it is saved
NETS = {
    "resnet_basic": (lambda: narrow(models.ResNet(BASIC, [2, 1, 1, 1], CLASSES), 16), 64, "layer4"),
    "resnet_bottleneck": (lambda: narrow(models.ResNet(BOTTLENECK, [1, 2, 1, 1], CLASSES), 16), 65, "layer4"),
    "resnext": (
        lambda: narrow(models.ResNet(BOTTLENECK, [1, 1, 1, 1], CLASSES, groups=4, width_per_group=16), 16),
        64,
        "layer3",
    ),
    "vgg": (lambda: narrow(models.vgg11(num_classes=CLASSES), 16, 16), 224, "features.19"),
    "mobilenet": (lambda: narrow(models.mobilenet_v2(num_classes=CLASSES), 16), 65, "features.18"),
    "densenet": (
        lambda: models.DenseNet(4, (2, 3, 2, 2), 8, num_classes=CLASSES),
        65,
        "features.denseblock4",
    ),
    "squeezenet": (lambda: keep_classes(narrow(models.squeezenet1_0(), 8), CLASSES), 64, "features.12"),
    "efficientnet": (lambda: narrow(models.efficientnet_b0(num_classes=CLASSES), 16), 65, "features.8"),
    "convnext": (
        lambda: narrow(models.ConvNeXt(few_blocks(), num_classes=CLASSES), 8),
        64,
        "features.7",
    ),
    "cifar_zeros": (lambda: CifarResNet([8, 16, 32], [2, 1, 1], CLASSES, has_weights=False), 33, "layer2"),
    "cifar_shortcuts": (lambda: CifarResNet([8, 12, 16, 24], [1, 2, 1, 1], CLASSES, is_deep=True), 32, "layer4"),
    "vgg_bn": (lambda: narrow(models.vgg13_bn(num_classes=CLASSES), 16, 16), 224, "features.33"),
}


def few_blocks():
    setting = models.convnext.CNBlockConfig
    return [setting(64, 128, 1), setting(128, 192, 1), setting(192, 256, 2), setting(256, None, 1)]


def make(name):
    build, size, module = NETS[name]
    torch.manual_seed(seed_of(name))
    net = build()
    draw_weights(net, size)
    calibrate(net, size)
    return net.eval(), size, module


def save_tar(path, state):
    """The tar of PyTorch before 0.1.10: pickles and numbers that take turns."""
    keys = {name: 1000 + index for index, name in enumerate(state)}
    storages, tensors = io.BytesIO(), io.BytesIO()
    pickle.dump(len(state), storages, 2)
    pickle.dump(len(state), tensors, 2)
    for name, value in state.items():
        value = value.contiguous()
        kind = torch.FloatStorage if value.dtype == torch.float32 else torch.LongStorage
        pickle.dump((keys[name], "cpu", kind), storages, 2)
        storages.write(struct.pack("<q", value.numel()) + value.numpy().tobytes())
        pickle.dump((keys[name] + 100000, keys[name], torch.FloatTensor), tensors, 2)
        rank = value.dim()
        numbers = [*value.shape, *value.stride(), 0]
        tensors.write(struct.pack(f"<ii{2 * rank + 1}q", rank, 0, *numbers))
    pickle.dump([], storages, 2)

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return value.key if isinstance(value, Key) else None

    objects = io.BytesIO()
    Pickler(objects, 2).dump(OrderedDict((name, Key(str(keys[name] + 100000))) for name in state))
    system = pickle.dumps({"protocol_version": 1000, "little_endian": True}, 2)
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as tar:
        for member, data in (
            ("sys_info", system),
            ("pickle", objects.getvalue()),
            ("tensors", tensors.getvalue()),
            ("storages", storages.getvalue()),
        ):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    again = torch.load(path, weights_only=False)
    assert all(torch.equal(again[name], value) for name, value in state.items())


class Key:
    def __init__(self, key):
        self.key = key


def save(name, net):
    state = net.state_dict()
    torch.save(state, FOLDER / f"{name}.pth")
    if name == "resnet_basic":
        torch.save(state, FOLDER / f"{name}.legacy.pth", _use_new_zipfile_serialization=False)
        save_tar(FOLDER / f"{name}.tar.pth", state)
        save_file({key: value.contiguous() for key, value in state.items()}, FOLDER / f"{name}.safetensors")
        wrapped = OrderedDict((f"module.{key}", nn_parameter(value)) for key, value in state.items())
        checkpoint = {
            "epoch": 3,
            "state_dict": wrapped,
            "best_acc1": np.float64(71.5),
            "optimizer": {"state": {0: {"step": 5, "momentum_buffer": torch.ones(3)}}, "param_groups": [{"lr": 0.1}]},
        }
        torch.save(checkpoint, FOLDER / f"{name}.checkpoint.pth")
    if name == "vgg":
        # One flat storage with all weights, as some programs for several cards leave it, and in other orders.
        flat, views, start = torch.cat([value.flatten() for value in state.values()]), OrderedDict(), 0
        for key, value in state.items():
            views[key] = flat[start : start + value.numel()].view(value.shape)
            start += value.numel()
        torch.save(views, FOLDER / f"{name}.flat.pth")
        turned = OrderedDict((key, value.to(memory_format=torch.channels_last) if value.dim() == 4 else value.t().contiguous().t() if value.dim() == 2 else value) for key, value in state.items())
        torch.save(turned, FOLDER / f"{name}.turned.legacy.pth", _use_new_zipfile_serialization=False)
        half = OrderedDict((key, value.to(torch.bfloat16)) for key, value in state.items())
        save_file(half, FOLDER / f"{name}.bfloat16.safetensors")


def save_few():
    torch.manual_seed(seed_of("few"))
    numbers = torch.randn(4, 3)
    state = OrderedDict(
        [
            ("conv.weight", torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last)),
            ("conv.bias", torch.randn(2)),
            ("view", numbers[1:, :2].t()),
            ("numbers", numbers),
            ("steps", torch.tensor(7)),
        ]
    )
    save_tar(FOLDER / "few.tar.pth", {key: value for key, value in state.items() if value.is_floating_point()})
    state["parameter"] = torch.nn.Parameter(torch.randn(3))
    for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.bool):
        state[str(dtype).removeprefix("torch.")] = (3 * torch.randn(5)).to(dtype)
    torch.save({"epoch": 2, "state_dict": state, "lr": 0.1, "names": ["a", "b"]}, FOLDER / "few.pth")
    torch.save(state, FOLDER / "few.legacy.pth", _use_new_zipfile_serialization=False)
    save_file({key: value.detach().clone().contiguous() for key, value in state.items()}, FOLDER / "few.safetensors")


def nn_parameter(value):
    return torch.nn.Parameter(value) if value.is_floating_point() else value


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or [*NETS, "few"]:
        if name == "few":
            save_few()
            continue
        net, size, module = make(name)
        save(name, net)
        found = explain(net, module, size)
        write_expected(FOLDER, name, found, size=size, module=module)
    write_provenance(FOLDER, Path(__file__).name, "PyTorch, torchvision and safetensors")


main()
