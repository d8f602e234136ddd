"""Nets of torchvision and timm with few channels, so that their weights fit into a fixture."""

import torch
from torch import nn


def narrow(net, divisor, hidden=1):
    """Divides the channels of every layer in place, and the units of dense layers before the last by `hidden` more.

    The first convolution keeps its three colours, and the last dense layer its classes.
    """
    convolutions = [module for module in net.modules() if isinstance(module, nn.Conv2d)]
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    fewer = lambda channels, by=divisor: max(1, channels // by)
    for module in convolutions:
        module.in_channels = module.in_channels if module.in_channels == 3 else fewer(module.in_channels)
        depthwise = module.groups > 1 and module.weight.shape[1] == 1
        module.out_channels = fewer(module.out_channels)
        module.groups = module.in_channels if depthwise else module.groups
        shape = (module.out_channels, module.in_channels // module.groups, *module.kernel_size)
        renew(module, shape)
    for module in linears:
        last = module is linears[-1]
        inside = module is not linears[0] and hidden > 1
        module.in_features = fewer(module.in_features, divisor * hidden if inside else divisor)
        module.out_features = module.out_features if last else fewer(module.out_features, divisor * hidden)
        renew(module, (module.out_features, module.in_features))
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.num_features = fewer(module.num_features)
            for name in ("weight", "bias"):
                setattr(module, name, nn.Parameter(torch.ones(module.num_features)))
            module.running_mean = torch.zeros(module.num_features)
            module.running_var = torch.ones(module.num_features)
        elif isinstance(module, nn.LayerNorm):
            module.normalized_shape = (fewer(module.normalized_shape[0]),)
            for name in ("weight", "bias"):
                setattr(module, name, nn.Parameter(torch.ones(module.normalized_shape)))
        for name, value in list(module.named_parameters(recurse=False)):
            if name in ("layer_scale", "gamma"):
                shape = (fewer(value.shape[0]), *value.shape[1:])
                setattr(module, name, nn.Parameter(torch.full(shape, 1e-6)))
    return net


def keep_classes(net, classes):
    """Gives the last convolution the classes, for nets whose scores are a convolution."""
    last = [module for module in net.modules() if isinstance(module, nn.Conv2d)][-1]
    last.out_channels = classes
    renew(last, (classes, *last.weight.shape[1:]))
    return net


def renew(module, shape):
    module.weight = nn.Parameter(torch.empty(shape))
    nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    if module.bias is not None:
        module.bias = nn.Parameter(torch.empty(shape[0]).uniform_(-0.1, 0.1))
