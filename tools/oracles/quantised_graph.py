"""Evaluates a QDQ graph with PyTorch in float64: what autograd says of the clamps, roundings passed straight through.

An evaluator of its own, for the few operators that the quantised nets of `write_quantised_fixtures.py` hold.
"""

import numpy as np
import torch
from onnx import helper, numpy_helper
from torch.nn import functional

INTEGERS = {2: (0, 255), 3: (-128, 127)}
# Behind these a value may be negative, so a clamp at zero is a ReLU.
SIGNED = {"Conv", "Gemm", "MatMul", "Add"}


class Guided(torch.autograd.Function):
    """Passes no negative gradient (Springenberg et al. 2015); the ReLU itself is the clamp before it."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, upstream):
        return upstream.clamp(min=0)


class Rounding(torch.autograd.Function):
    """The integers that float32 gave, so that float64 rounds nothing to another one; the gradient passes."""

    @staticmethod
    def forward(ctx, steps, rounded):
        return rounded.clone()

    @staticmethod
    def backward(ctx, upstream):
        return upstream, None


class QuantisedGraph:
    def __init__(self, model, is_guided=False):
        self.graph, self.is_guided = model.graph, is_guided
        self.constants = {t.name: numpy_helper.to_array(t) for t in self.graph.initializer}
        self.types = {t.name: t.data_type for t in self.graph.initializer}
        self.makers = {}

    def run(self, x, integers):
        """All values of the graph by name, for one picture; `integers` are those of each QuantizeLinear."""
        self.integers = integers
        values = {self.graph.input[0].name: x}
        for name, array in self.constants.items():
            values[name] = torch.tensor(array, dtype=torch.float64 if array.dtype.kind == "f" else None)
        for node in self.graph.node:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            inputs = [values[name] if name else None for name in node.input]
            made = self.compute(node, inputs, attributes)
            for name, value in zip(node.output, made if isinstance(made, (list, tuple)) else [made]):
                values[name] = value
                self.makers[name] = node.op_type
        return values

    def compute(self, node, inputs, attributes):
        if node.op_type == "QuantizeLinear":
            return self.quantise(node, *inputs)
        if node.op_type == "DequantizeLinear":
            q, scale, zero = inputs
            axis = attributes.get("axis", 1)
            fitted = [-1 if i == axis else 1 for i in range(q.dim())]
            if scale.numel() > 1:
                scale, zero = scale.reshape(fitted), zero.reshape(fitted)
            return (q.double() - zero.double()) * scale
        return OPS[node.op_type](attributes, *inputs)

    def quantise(self, node, x, scale, zero):
        zero = zero.item()
        least, most = (one - zero for one in INTEGERS[self.types[node.input[2]]])
        rounded = torch.tensor(self.integers[node.output[0]].astype(np.float64)) - zero
        if least == 0 and self.makers.get(node.input[0]) in SIGNED:
            # Unlike a clamp, a ReLU passes nothing at zero itself.
            x = Guided.apply(x.relu()) if self.is_guided else x.relu()
        steps = x / scale
        is_within = (steps.round() >= least) & (steps.round() <= most)
        return torch.where(is_within, Rounding.apply(steps, rounded), rounded) + zero


def tensor_of(proto):
    return torch.tensor(np.array(numpy_helper.to_array(proto)))


def pads_of(attributes):
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    assert (top, left) == (bottom, right)
    return [top, left]


def conv(attributes, x, weight, bias=None):
    options = dict(stride=attributes["strides"], padding=pads_of(attributes), groups=attributes["group"])
    return functional.conv2d(x, weight, bias, **options)


def max_pool(attributes, x):
    return functional.max_pool2d(x, attributes["kernel_shape"], attributes["strides"], pads_of(attributes))


def gemm(attributes, a, b, c):
    return a @ (b.T if attributes.get("transB") else b) + c


def layer_norm(attributes, x, scale, bias):
    assert attributes.get("axis", -1) == -1
    return functional.layer_norm(x, x.shape[-1:], scale, bias, attributes.get("epsilon", 1e-5))


def gather(attributes, x, indices):
    axis = attributes.get("axis", 0)
    taken = x.index_select(axis, indices.reshape(-1) % x.shape[axis])
    return taken.reshape(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])


def slices(_, x, starts, ends, axes=None):
    places = range(len(starts)) if axes is None else axes.tolist()
    for start, end, axis in zip(starts.tolist(), ends.tolist(), places):
        x = x[(slice(None),) * (axis % x.dim()) + (slice(start, min(end, x.shape[axis])),)]
    return x


OPS = {
    "Conv": conv,
    "Gemm": gemm,
    "MatMul": lambda _, a, b: a @ b,
    "Add": lambda _, a, b: a + b,
    "Mul": lambda _, a, b: a * b,
    "Div": lambda _, a, b: a / b,
    "Relu": lambda _, x: x.relu(),
    "Clip": lambda _, x, low, high: x.clamp(low.item(), high.item()),
    "Erf": lambda _, x: x.erf(),
    "Sqrt": lambda _, x: x.sqrt(),
    "HardSwish": lambda _, x: functional.hardswish(x),
    "HardSigmoid": lambda _, x: functional.hardsigmoid(x),
    "Softmax": lambda attributes, x: x.softmax(attributes.get("axis", -1)),
    "LayerNormalization": layer_norm,
    "MaxPool": max_pool,
    "GlobalAveragePool": lambda _, x: x.mean((2, 3), keepdim=True),
    "Flatten": lambda attributes, x: x.flatten(attributes.get("axis", 1)),
    "Reshape": lambda _, x, shape: x.reshape(shape.tolist()),
    "Transpose": lambda attributes, x: x.permute(attributes["perm"]),
    "Concat": lambda attributes, *parts: torch.cat(parts, attributes["axis"]),
    "Gather": gather,
    "Slice": slices,
    "Squeeze": lambda _, x, axes: x.squeeze(axes.tolist()),
    "Split": lambda attributes, x, sizes: x.split(sizes.tolist(), attributes.get("axis", 0)),
    "Identity": lambda _, x: x,
    "Cast": lambda _, x: x,
    "Shape": lambda attributes, x: torch.tensor(x.shape)[attributes.get("start", 0) : attributes.get("end")],
    "Equal": lambda _, a, b: a == b,
    "Where": lambda _, condition, a, b: torch.where(condition, a, b),
    "Expand": lambda _, x, shape: x.expand(torch.broadcast_shapes(x.shape, shape.tolist())),
    "Constant": lambda attributes: tensor_of(attributes["value"]),
    "ConstantOfShape": lambda attributes, shape: tensor_of(attributes["value"]).expand(shape.tolist()),
}
