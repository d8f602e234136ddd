"""Nets with nodes that no reader of ours knows: each is written as ONNX nodes and computed by PyTorch, side by side."""

import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

SIZE = 12
CLASSES = 4
IR_VERSION = 8


class Pair:
    """Collects ONNX nodes while PyTorch computes the same values in float64."""

    def __init__(self, pixels, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights, self.values = [], [], {"x": pixels.double()}

    def constant(self, name, array):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, name, *shape):
        array = self.random.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32)
        self.constant(name, array)
        return torch.from_numpy(array.astype(np.float64))

    def node(self, type, inputs, outputs, domain="", **attributes):
        self.nodes.append(helper.make_node(type, inputs, outputs, name=f"{outputs[0]}/{type}", domain=domain, **attributes))

    def keep(self, name, value):
        self.values[name] = value
        return name

    def conv(self, name, x, channels):
        value = self.values[x]
        kernel = self.weight(f"{name}.weight", channels, value.shape[1], 3, 3)
        self.node("Conv", [x, f"{name}.weight"], [name], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        return self.keep(name, F.conv2d(value, kernel, padding=1))

    def relu(self, name, x):
        self.node("Relu", [x], [name])
        return self.keep(name, F.relu(self.values[x]))

    def block(self, name, x, channels):
        return self.relu(name, self.conv(f"{name}.conv", x, channels))

    def head(self, x):
        value = self.values[x]
        kernel = self.weight("fc.weight", CLASSES, value.shape[1])
        self.node("GlobalAveragePool", [x], ["pooled"])
        self.node("Flatten", ["pooled"], ["flat"], axis=1)
        self.node("Gemm", ["flat", "fc.weight"], ["scores"], transB=1)
        return self.keep("scores", value.mean((2, 3)) @ kernel.T)

    def cumulate(self, name, x, axis):
        """Sums up along an axis, in fifths so that values stay small."""
        self.constant(f"{name}.axis", np.array(axis, np.int64))
        self.constant(f"{name}.scale", np.array(0.2, np.float32))
        self.node("CumSum", [x, f"{name}.axis"], [f"{name}.sum"])
        self.node("Mul", [f"{name}.sum", f"{name}.scale"], [name])
        return self.keep(name, self.values[x].cumsum(axis) * float(np.float32(0.2)))

    def model(self, opset, domains=()):
        shape = ["batch", 3, SIZE, SIZE]
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        y = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", CLASSES])
        graph = helper.make_graph(self.nodes, "copied", [x], [y], self.weights)
        opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(one, 1) for one in domains)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def before(pair):
    """An unknown node before the layer."""
    x = pair.block("layer1", pair.cumulate("sums", "x", 3), 6)
    pair.head(pair.block("layer2", x, 8))
    return pair.model(17)


def behind(pair):
    """An unknown node behind the first layer."""
    x = pair.cumulate("sums", pair.block("layer1", "x", 6), 2)
    pair.head(pair.block("layer2", x, 8))
    return pair.model(13)


def residual(pair):
    """An unknown node in the branch of a residual block."""
    x = pair.block("stem", "x", 6)
    branch = pair.conv("branch", x, 6)
    pair.node("LpPool", [branch], ["norms"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], p=2)
    norms = torch.sqrt(F.avg_pool2d(pair.values[branch] ** 2, 3, 1, 1) * 9)
    pair.keep("norms", norms)
    pair.node("Add", [x, "norms"], ["sum"])
    pair.keep("sum", pair.values[x] + norms)
    pair.head(pair.block("layer2", pair.relu("joined", "sum"), 8))
    return pair.model(18)


def contrib(pair):
    """An operator of ONNX Runtime's own domain, as its optimiser writes it."""
    x = pair.block("layer1", "x", 6)
    kernel = pair.weight("fused.weight", 6, 6, 3, 3)
    pair.node("FusedConv", [x, "fused.weight"], ["fused"], domain="com.microsoft", activation="Relu",
              kernel_shape=[3, 3], pads=[1, 1, 1, 1])  # fmt: skip
    pair.keep("fused", F.relu(F.conv2d(pair.values[x], kernel, padding=1)))
    pair.head(pair.block("layer2", "fused", 8))
    return pair.model(17, ["com.microsoft"])


def several(pair):
    """A node with several outputs: the largest rows of each column, and their places as integers."""
    x = pair.block("layer1", "x", 4)
    pair.constant("k", np.array([5], np.int64))
    pair.constant("tenth", np.array(0.125, np.float32))
    pair.constant("one", np.array(1, np.int64))
    pair.constant("three", np.array(3, np.int64))
    pair.node("TopK", [x, "k"], ["largest", "places"], axis=2)
    # Integers: 7 / 3 is 2.
    pair.node("Add", ["places", "one"], ["next"])
    pair.node("Div", ["next", "three"], ["thirds"])
    pair.node("Cast", ["thirds"], ["real"], to=TensorProto.FLOAT)
    pair.node("Mul", ["real", "tenth"], ["scaled"])
    pair.node("Concat", ["largest", "scaled"], ["both"], axis=1)
    # Of equal values, ONNX takes the first, and so does a stable sort.
    largest, places = (found[:, :, :5] for found in pair.values[x].sort(dim=2, descending=True, stable=True))
    pair.keep("both", torch.cat([largest, (places + 1).div(3, rounding_mode="floor").double() * 0.125], 1))
    pair.head(pair.block("layer2", "both", 8))
    return pair.model(17)


def between(pair):
    """An unknown node on images with their channels first, between convolutions."""
    x = pair.conv("first", "x", 6)
    pair.node("LpPool", [x], ["pool"], kernel_shape=[2, 2], strides=[2, 2], p=2)
    pair.keep("pool", torch.sqrt(F.avg_pool2d(pair.values[x] ** 2, 2) * 4))
    pair.head(pair.block("layer2", "pool", 8))
    return pair.model(18)


def apart(pair):
    """A node that takes one picture at a time: its grid is a constant of one item."""
    rows = np.linspace(-0.9, 0.8, SIZE, dtype=np.float32)
    grid = np.stack(np.meshgrid(rows * 0.9, rows), -1)[None].astype(np.float32)
    pair.constant("grid", grid)
    x = pair.conv("first", "x", 4)
    pair.node("GridSample", [x, "grid"], ["warped"], mode="bilinear", align_corners=0)
    value = pair.values[x]
    grids = torch.from_numpy(grid.astype(np.float64)).expand(len(value), -1, -1, -1)
    pair.keep("warped", F.grid_sample(value, grids, align_corners=False))
    pair.head(pair.block("layer2", "warped", 8))
    return pair.model(16)


def plain(pair):
    """A net of known operators, which is then quantised."""
    pair.head(pair.block("layer2", pair.block("layer1", "x", 6), 8))
    return pair.model(17)


# Each net, the layer that is explained, and a layer before the unknown node.
NETS = {
    "before": (before, "layer2", None),
    "behind": (behind, "layer2", "layer1"),
    "residual": (residual, "layer2", "stem"),
    "contrib": (contrib, "layer2", "layer1"),
    "several": (several, "layer2", "layer1"),
    "between": (between, "layer2", "first"),
    "apart": (apart, "layer2", "first"),
}
