"""What PyTorch computes for a net and a picture: logits, and activation and gradient at one module."""

import copy

import numpy as np
import torch

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


def draw_picture(size):
    """[size, size, 3] of 0..255, from integers alone, so that a test can draw the same."""
    y, x, c = np.meshgrid(np.arange(size), np.arange(size), np.arange(3), indexing="ij")
    return ((x * 7 + y * 13 + c * 29 + (x * y) % 31 * 4) % 256).astype(np.uint8)


def to_input(picture):
    values = torch.from_numpy(picture.astype(np.float64) / 255)
    values = (values - torch.tensor(MEAN, dtype=torch.float64)) / torch.tensor(DEVIATION, dtype=torch.float64)
    return values.permute(2, 0, 1)[None]


def draw_input(size, channels=3):
    """The picture as the net takes it; for gray pictures, its first channel from 0 to 1."""
    picture = draw_picture(size)
    if channels == 3:
        return to_input(picture)
    return torch.from_numpy(picture[..., :1].astype(np.float64) / 255).permute(2, 0, 1)[None]


def calibrate(net, size, channels=3):
    """Measures the statistics of batch normalisation on pictures like the one that is explained.

    With statistics of noise, the values of some random nets grow until float32 itself is a percent off.
    """
    norms = [module for module in net.modules() if isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d))]
    picture = draw_input(size, channels).float()
    shifts = [torch.roll(picture, (11 * step, 7 * step), (2, 3)) for step in range(6)]
    noise = to_input(np.random.default_rng(1).integers(0, 256, (size, size, 3))).float()[:, :channels]
    net.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        net(torch.cat([*shifts, noise, 0.5 * picture]))
    net.eval()


def explain(net, module, size, dtype=torch.float64, best=None, channels=3):
    """Logits [classes], and of a class, the best by default, activation and gradient [rows, columns, channels] at a module.

    The value is what the module returns, or, where the name ends in `>`, what it takes: functions that a net calls
    without a module have no name. The picture is given twice, because the batch normalisation of PyTorch 2.13 has
    wrong gradients for a batch of one on some nets.
    """
    net = copy.deepcopy(net).to(dtype).eval()
    for one in net.modules():
        if getattr(one, "inplace", False) is True:
            one.inplace = False
    kept = {}

    def keep(value):
        value.retain_grad()
        kept["value"] = value

    inner = net.get_submodule(module.removesuffix(">"))
    if module.endswith(">"):
        inner.register_forward_pre_hook(lambda _, inputs: keep(inputs[0]))
    else:
        inner.register_forward_hook(lambda _, __, output: keep(output))
    logits = net(draw_input(size, channels).to(dtype).repeat(2, 1, 1, 1))
    best = int(logits[0].argmax()) if best is None else best
    (gradient,) = torch.autograd.grad(logits[0, best], kept["value"])
    value = kept["value"][0].detach()
    order = lambda array: array.permute(1, 2, 0).numpy() if array.dim() == 3 else array.numpy()
    return {
        "logits": logits[0].detach().numpy(),
        "best": best,
        "activation": order(value),
        "gradient": order(gradient[0]),
    }


def distance(found, expected):
    """Errors of logits and of the Grad-CAM, by the measures of tools/verify/measures.mjs."""
    wanted = expected["logits"]
    logits = np.abs(found["logits"] - wanted).max() / (wanted.max() - wanted.min())
    map_, _ = grad_cam(found)
    wanted_map, scale = grad_cam(expected)
    return {"logits": float(logits), "map": float(np.abs(map_ - wanted_map).max() / scale)}


def grad_cam(found):
    """Grad-CAM before its ReLU, and the largest sum of magnitudes over the cells, by which errors are divided."""
    activation, gradient = (found[key].astype(np.float64) for key in ("activation", "gradient"))
    terms = activation * gradient.mean((0, 1))
    return terms.sum(-1), np.abs(terms).sum(-1).max()
