"""Random weights with which a net behaves like a trained one: nothing vanishes, explodes or is left at zero."""

import zlib

import torch
from torch import nn

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def seed_of(name):
    return zlib.crc32(name.encode())


def draw_weights(net, size):
    """Changes the net in place. What is drawn depends on torch's seed alone.

    Scales and shifts of normalisations differ by channel, so that one in the wrong place shows. Weights that a library
    starts at zero (heads, class tokens, tables of positions, last layers of branches) and factors that it starts near
    zero (layer scale) are drawn, since behind a zero every gradient is right. Statistics of batch normalisations are
    those of a forward pass on noise.
    """
    for module in net.modules():
        if getattr(module, "inplace", False) is True:
            module.inplace = False
    with torch.no_grad():
        for path, module in net.named_modules():
            own = dict(module.named_parameters(recurse=False))
            for name, value in own.items():
                draw_value(f"{path}.{name}", module, value)
        measure_statistics(net, size)


def draw_value(path, module, value):
    kind = type(module).__name__.lower()
    name = path.rpartition(".")[2]
    spread = value.std() if value.numel() > 1 else torch.zeros(())
    if "norm" in kind and name == "weight":
        nn.init.uniform_(value, 0.6, 1.4)
    elif "norm" in kind and name == "bias":
        nn.init.uniform_(value, -0.2, 0.2)
    elif value.dim() <= 1 or max(value.shape) == value.numel():
        # A bias, a factor for each channel, a token.
        if spread == 0 and value.numel() > 1 and (value.abs() < 2).all():
            start = value.flatten()[0].abs().item()
            if start == 0:
                nn.init.uniform_(value, -0.1, 0.1)
            else:
                nn.init.uniform_(value, 0.2, 0.6)
    elif spread < 1e-5:
        nn.init.normal_(value, 0, 0.05)


def measure_statistics(net, size):
    norms = [module for module in net.modules() if isinstance(module, BATCH_NORMS)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    if norms:
        first = next(module for module in net.modules() if isinstance(module, nn.Conv2d))
        net(torch.rand(8, first.in_channels, size, size))
    net.eval()
    for norm in norms:
        norm.momentum = 0.1
