"""Two small nets in PyTorch, float64, beside their description as Keras layers."""

import numpy as np
import torch
import torch.nn.functional as F


class Relu(torch.autograd.Function):
    """ReLU with an upper bound and the three rules for the way back."""

    @staticmethod
    def forward(ctx, x, most, policy):
        ctx.save_for_backward(x)
        ctx.most, ctx.policy = most, policy
        return x.clamp(0, most)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        inside = (x > 0) & (x < ctx.most)
        if ctx.policy == "plain":
            return g * inside, None, None
        if ctx.policy == "guided":
            return g.clamp(min=0) * inside, None, None
        return g.clamp(min=0), None, None  # deconvnet looks at the gradient alone


class Net:
    """A list of Keras layers, run as PyTorch runs them: images [1, channels, height, width]."""

    def __init__(self, layers, head, kernels):
        self.layers = layers  # (class name, name, config, inputs, {weight: float32 array})
        self.head = head
        self.kernels = kernels
        self.nearest_kink = np.inf

    def run(self, x, policy="plain", start=None):
        """{layer: value}; `start` gives values of layers that are not to be computed."""
        ends = {}
        for kind, name, config, inputs, weights in self.layers:
            if start and name in start:
                ends[name] = start[name]
                continue
            w = {part: torch.tensor(np.float64(array)) for part, array in weights.items()}
            at = [ends[source] for source in inputs if source in ends]
            if len(at) < len(inputs):
                continue  # lies before the start
            ends[name] = x if kind == "InputLayer" else self.apply(kind, config, at, w, policy)
        return ends

    def apply(self, kind, config, at, w, policy):
        x = at[0]
        if kind == "Conv2D":
            padding = "same" if config["padding"] == "same" else 0
            bias = w.get("bias")
            return F.conv2d(x, w["kernel"].permute(3, 2, 0, 1), bias, padding=padding)
        if kind == "BatchNormalization":
            parts = (w["moving_mean"], w["moving_variance"], w["gamma"], w["beta"])
            return F.batch_norm(x, *parts, eps=config["epsilon"])
        if kind == "ReLU":
            most = config.get("max_value") or np.inf
            if x.requires_grad:  # scores alone have no jumps
                kinks = (0, most) if np.isfinite(most) else (0,)
                near = min(float((x.detach() - kink).abs().min()) for kink in kinks)
                self.nearest_kink = min(self.nearest_kink, near)
            return Relu.apply(x, most, policy)
        if kind == "MaxPooling2D":
            return F.max_pool2d(x, 2)
        if kind == "Add":
            return at[0] + at[1]
        if kind == "GlobalAveragePooling2D":
            return x.mean((2, 3))
        if kind == "Flatten":
            return x.permute(0, 2, 3, 1).reshape(1, -1)
        if kind == "Dense":
            return x @ w["kernel"] + w["bias"]
        if kind == "Softmax":
            return torch.softmax(x, -1)
        raise SystemExit(f"unknown layer {kind}")

    def logits(self, x, start=None):
        return self.run(x, start=start)["logits"][0]


def residual(random):
    """Batch normalisation with and without a bias before it, a shortcut, ReLU6, mean and linear."""
    draw = Drawer(random)
    layers = [
        ("InputLayer", "image", {"batch_input_shape": [None, 16, 14, 3]}, [], {}),
        draw.conv("conv1", "image", 3, 6, bias=False),
        draw.norm("norm1", "conv1", 6),
        ("ReLU", "relu1", {}, ["norm1"], {}),
        ("MaxPooling2D", "pool1", {"pool_size": [2, 2]}, ["relu1"], {}),
        draw.conv("conv2", "pool1", 6, 6),
        draw.norm("norm2", "conv2", 6),
        ("Add", "sum", {}, ["pool1", "norm2"], {}),
        ("ReLU", "relu2", {}, ["sum"], {}),
        draw.conv("conv3", "relu2", 6, 8, padding="valid"),
        ("ReLU", "relu3", {"max_value": 2.0}, ["conv3"], {}),
        ("GlobalAveragePooling2D", "mean", {}, ["relu3"], {}),
        draw.dense("logits", "mean", 8, 5),
        ("Softmax", "predictions", {}, ["logits"], {}),
    ]
    return Net(layers, "softmax", ("conv1", "conv2", "conv3", "logits"))


def plain(random):
    """As VGG: convolutions with biases, a pool, dense layers on a flat grid; ends in its logits."""
    draw = Drawer(random)
    layers = [
        ("InputLayer", "image", {"batch_input_shape": [None, 13, 15, 3]}, [], {}),
        draw.conv("conv1", "image", 3, 5),
        ("ReLU", "relu1", {}, ["conv1"], {}),
        ("MaxPooling2D", "pool1", {"pool_size": [2, 2]}, ["relu1"], {}),
        draw.conv("conv2", "pool1", 5, 7, padding="valid"),
        ("ReLU", "relu2", {}, ["conv2"], {}),
        ("Flatten", "flat", {}, ["relu2"], {}),
        draw.dense("hidden", "flat", 4 * 5 * 7, 9),
        ("ReLU", "hidden_relu", {}, ["hidden"], {}),
        draw.dense("logits", "hidden_relu", 9, 6),
    ]
    return Net(layers, "linear", ("conv1", "conv2", "hidden", "logits"))


class Drawer:
    """Layers with drawn weights whose sums stay near one."""

    def __init__(self, random):
        self.random = random

    def uniform(self, low, high, *shape):
        return self.random.uniform(low, high, shape).astype(np.float32)

    def conv(self, name, source, channels, filters, padding="same", bias=True):
        reach = 1.5 / np.sqrt(3 * channels)
        config = {"filters": filters, "kernel_size": [3, 3], "padding": padding, "use_bias": bias}
        weights = {"kernel": self.uniform(-reach, reach, 3, 3, channels, filters)}
        if bias:
            weights["bias"] = self.uniform(-0.3, 0.5, filters)
        return ("Conv2D", name, config, [source], weights)

    def norm(self, name, source, channels):
        weights = {
            "gamma": self.uniform(0.5, 1.5, channels),
            "beta": self.uniform(-0.3, 0.5, channels),
            "moving_mean": self.uniform(-0.4, 0.4, channels),
            "moving_variance": self.uniform(0.5, 2, channels),
        }
        return ("BatchNormalization", name, {"epsilon": 1e-3}, [source], weights)

    def dense(self, name, source, size, units):
        reach = 3 / np.sqrt(size)
        weights = {
            "kernel": self.uniform(-reach, reach, size, units),
            "bias": self.uniform(-0.3, 0.3, units),
        }
        return ("Dense", name, {"units": units}, [source], weights)
