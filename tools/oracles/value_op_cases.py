"""Ops on values of any rank, as PyTorch computes and differentiates them: cases of the value op fixtures.

Each is one node of the op set as `packages/core/src/network/op.ts` has it, and the same in PyTorch. Shapes
have the batch in front, as the op set's values do: two items, which an engine must not mix.
"""

from dataclasses import dataclass, field
from typing import Callable

import numpy as np
import torch
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


@dataclass
class ValueCase:
    """`data` names how inputs are drawn: normal, integers (ties), positive (above 1/4)."""

    name: str
    op: dict
    shapes: list
    compute: Callable
    data: str = "normal"
    weights: dict = field(default_factory=dict)
    # An op between the first input and the node, with the shape of its value.
    before: tuple | None = None
    # Shapes without a batch axis: `constant` nodes, which go in before the inputs.
    constants: list = field(default_factory=list)
    constants_data: str = "normal"


def constant():
    """What meets a value of two items that is one for all: class tokens, position biases, masks."""
    tokens, image = [2, 4, 3], [2, 2, 3, 4]
    concat = lambda axis: lambda *parts: torch.cat([repeated(p) for p in parts], axis + 1)
    return [
        ValueCase("added", {"kind": "add"}, [tokens], torch.add, constants=[[4, 3]]),
        ValueCase("added-to-image", {"kind": "add"}, [image], torch.add, constants=[[2, 3, 4]]),
        ValueCase("added-repeated", {"kind": "add"}, [image], torch.add, constants=[[1, 3, 1]]),
        ValueCase("subtracted", {"kind": "subtract"}, [tokens], torch.sub, constants=[[4, 3]]),
        ValueCase("times", {"kind": "multiply"}, [tokens], torch.mul, constants=[[1, 3]]),
        *(
            ValueCase(f"before-{name}", {"kind": "concatenate", "axis": axis}, [shape], concat(axis), constants=[one])
            for name, axis, shape, one in (
                ("tokens", 0, tokens, [1, 3]),
                ("image-channels", 2, image, [2, 3, 2]),
                ("image-rows", 0, image, [1, 3, 4]),
            )
        ),
        ValueCase(
            "matrix",
            {"kind": "matMul", "transposeA": False, "transposeB": False},
            [[2, 2, 4, 3]],
            torch.matmul,
            constants=[[1, 5, 4]],
        ),
        ValueCase(
            "matrix-of-rank-2-transposed",
            {"kind": "matMul", "transposeA": True, "transposeB": True},
            [tokens],
            lambda a, b: torch.matmul(a.transpose(-1, -2), b.transpose(-1, -2)),
            constants=[[3, 5]],
        ),
    ]


def repeated(part):
    return part.expand(2, *part.shape[1:])


SUMMED = {
    "last": ([2, 4, 3], [4, 1]),
    "tokens": ([2, 4, 3], [1, 3]),
    "image-channels": ([2, 3, 2, 4], [3, 2, 1]),
    "image-cells": ([2, 3, 2, 4], [1, 1, 4]),
    "image-rows": ([2, 3, 2, 4], [1, 2, 4]),
    "all": ([2, 3, 2, 2], [1, 1, 1]),
    "two-of-four": ([2, 2, 3, 2, 3], [2, 1, 2, 1]),
    "vector": ([2, 5], [1]),
    "nothing": ([2, 3, 2, 4], [3, 2, 4]),
}


def axes_to(shape, small):
    return [i + 1 for i, size in enumerate(small) if size == 1 and shape[i + 1] != 1]


def sum_to():
    def compute(shape, small):
        axes = axes_to(shape, small)
        return lambda x: x.sum(axes, keepdim=True) if axes else x

    return [
        ValueCase(name, {"kind": "sumTo"}, [shape], compute(shape, small))
        for name, (shape, small) in SUMMED.items()
    ]


def max_to():
    def compute(shape, small):
        axes = axes_to(shape, small)
        return lambda x: x.amax(axes, keepdim=True) if axes else x.clone()

    return [
        ValueCase(f"{name}-{data}", {"kind": "maxTo"}, [shape], compute(shape, small), data)
        for name, (shape, small) in SUMMED.items()
        for data in ("normal", "integers")
    ]


def broadcast():
    return [
        ValueCase(
            name,
            {"kind": "broadcast"},
            [[2, *small]],
            lambda x, shape=shape: x.expand(*shape).clone(),
        )
        for name, (shape, small) in SUMMED.items()
    ]


def divide():
    op = {"kind": "divide"}
    pairs = {
        "vectors": ([2, 5], [2, 5]),
        "tokens": ([2, 4, 3], [2, 4, 3]),
        "images": ([2, 3, 2, 4], [2, 3, 2, 4]),
        "by-each-row": ([2, 3, 2, 4], [2, 3, 1, 1]),
        "by-each-last": ([2, 2, 3, 2, 2], [2, 1, 1, 1, 2]),
        "one-by-many": ([2, 1, 3], [2, 4, 3]),
        "both-repeated": ([2, 1, 3, 2], [2, 4, 1, 2]),
    }
    return [
        ValueCase(name, op, list(shapes), torch.div, "positive") for name, shapes in pairs.items()
    ] + [ValueCase("constant-by-value", op, [[2, 4, 3]], torch.div, "positive", constants=[[1, 3]])]


def functions():
    image, tokens = [2, 3, 2, 4], [2, 4, 3]
    op = lambda **fn: {"kind": "activation", "fn": fn}
    powers = [
        ValueCase(f"power-{e}", op(name="power", exponent=e), [image], lambda x, e=e: x**e, "positive")
        for e in (0.5, -0.5, -1, 2, 3, 1.7, -2)
    ]
    return powers + [
        ValueCase("square-of-any-sign", op(name="power", exponent=2), [tokens], lambda x: x**2),
        ValueCase("cube-of-any-sign", op(name="power", exponent=3), [tokens], lambda x: x**3),
        ValueCase("square-and-zero", op(name="power", exponent=2), [tokens], lambda x: x**2, "integers"),
        ValueCase("abs", op(name="abs"), [image], torch.abs),
        ValueCase("abs-and-zero", op(name="abs"), [tokens], torch.abs, "integers"),
        ValueCase("erf", op(name="erf"), [image], torch.erf),
        ValueCase("erf-far-out", op(name="erf"), [[2, 6]], torch.erf, "integers"),
        quantise("to-steps", image, 0.25, -4, 3),
        quantise("to-positive", tokens, 0.125, 0, 255),
        # Of a step of 2 each odd integer lies between two multiples.
        quantise("ties-and-bounds", tokens, 2, -1, 0, "integers"),
    ]


def quantise(name, shape, step, least, most, data="normal"):
    compute = lambda x: torch.fake_quantize_per_tensor_affine(x, step, 0, least, most)
    fn = {"name": "quantise", "step": step, "least": least, "most": most}
    return ValueCase(f"quantise-{name}", {"kind": "activation", "fn": fn}, [shape], compute, data)


def select():
    """The condition is an integer, of which one in five is 0; it gets no gradient."""
    shapes = {
        "vectors": ([2, 5], [2, 5], [2, 5]),
        "images": ([2, 3, 2, 4], [2, 3, 2, 4], [2, 3, 2, 4]),
        "repeated-condition": ([2, 1, 3], [2, 4, 3], [2, 4, 3]),
        "repeated-values": ([2, 4, 3], [2, 1, 3], [2, 4, 1]),
        "rank-4": ([2, 1, 3, 2, 2], [2, 2, 1, 2, 2], [2, 2, 3, 2, 1]),
    }
    compute = lambda c, a, b: torch.where(c != 0, a, b) + 0 * c
    op = {"kind": "select"}
    return [ValueCase(name, op, list(three), compute, "integers") for name, three in shapes.items()] + [
        # The condition and what is chosen elsewhere are the same for all items.
        ValueCase("mask", op, [[2, 4, 3], [2, 4, 3]], compute, constants=[[4, 3]], constants_data="integers"),
    ]


def strides():
    cases = []
    shapes = {"vector": [2, 7], "tokens": [2, 5, 2], "image": [2, 5, 4, 2], "rank-4": [2, 2, 3, 2, 2]}
    for name, shape in shapes.items():
        for axis in range(len(shape) - 1):
            for start, step in ((0, 2), (1, 2), (1, 3), (-1, -1), (-1, -2), (-2, -3)):
                places = list(range(shape[axis + 1]))[start::step]
                op = {"kind": "stride", "axis": axis, "start": places[0], "step": step}
                cases.append(
                    ValueCase(
                        f"{name}-axis{axis}-{start}-{step}",
                        op,
                        [shape],
                        lambda x, axis=axis, places=places: x.index_select(
                            axis + 1, torch.tensor(places)
                        ),
                    )
                )
    return cases


def padding(top, bottom, left, right):
    return {"top": top, "bottom": bottom, "left": left, "right": right}


def pad_with():
    cases = []
    for value in (-1.5, 3.0, -3e38):
        for name, pads in (("around", (1, 2, 3, 0)), ("one-edge", (0, 0, 0, 1))):
            op = {"kind": "padWith", "padding": padding(*pads), "value": value}
            cases.append(
                ValueCase(f"{name}-{value:g}", op, [[2, 2, 3, 4]], lambda x, p=pads, v=value: padded(x, p, v))
            )
    return cases


def padded(x, pads, value):
    top, bottom, left, right = pads
    return torch.nn.functional.pad(x, (0, 0, left, right, top, bottom), value=value)


def window(size, stride, pads):
    return {"size": [size, size], "strides": [stride, stride], "padding": padding(*pads)}


def pools():
    """Padding of a value before a pool, windows that rounding up adds, padding that is counted."""
    functional = torch.nn.functional
    cases = []
    image = lambda x: x.permute(0, 3, 1, 2)
    back = lambda x: x.permute(0, 2, 3, 1)
    for value in (-1.0, 0.5, 2.0):
        pads = (1, 1, 1, 1)
        cases.append(
            ValueCase(
                f"max-after-{value:g}",
                {"kind": "maxPool", **window(3, 2, (0, 0, 0, 0))},
                [[2, 6, 5, 2]],
                lambda x, v=value, p=pads: back(functional.max_pool2d(image(padded(x, p, v)), 3, 2)),
                before=({"kind": "padWith", "padding": padding(*pads), "value": value}, [8, 7, 2]),
            )
        )
        cases.append(
            ValueCase(
                f"mean-after-{value:g}",
                {"kind": "averagePool", **window(3, 2, (0, 0, 0, 0))},
                [[2, 6, 5, 2]],
                lambda x, v=value, p=pads: back(functional.avg_pool2d(image(padded(x, p, v)), 3, 2)),
                before=({"kind": "padWith", "padding": padding(*pads), "value": value}, [8, 7, 2]),
            )
        )
    # Rows 6, window 3, stride 2: rounding up adds a window that reaches one cell beyond the end.
    for size, stride, pad, rows, columns in ((3, 2, 0, 6, 6), (3, 2, 1, 6, 7), (2, 2, 0, 5, 3), (3, 3, 1, 8, 6)):
        name = f"{size}-stride{stride}-pad{pad}-{rows}x{columns}"
        extra = [more_at_the_end(n, size, stride, pad) for n in (rows, columns)]
        ends = (pad, pad + extra[0], pad, pad + extra[1])
        for kind in ("normal", "integers"):
            cases.append(
                ValueCase(
                    f"max-ceil-{name}-{kind}",
                    {"kind": "maxPool", **window(size, stride, ends)},
                    [[2, rows, columns, 2]],
                    lambda x, a=(size, stride, pad): back(
                        functional.max_pool2d(image(x), *a, ceil_mode=True)
                    ),
                    kind,
                )
            )
        cases.append(
            ValueCase(
                f"mean-ceil-{name}",
                {"kind": "averagePool", **window(size, stride, ends)},
                [[2, rows, columns, 2]],
                lambda x, a=(size, stride, pad): back(
                    functional.avg_pool2d(image(x), *a, ceil_mode=True, count_include_pad=False)
                ),
            )
        )
        # Its own padding counts, that of rounding up does not.
        counted = ({"kind": "pad", "padding": padding(pad, pad, pad, pad)}, [rows + 2 * pad, columns + 2 * pad, 2])
        cases.append(
            ValueCase(
                f"mean-ceil-counted-{name}",
                {"kind": "averagePool", **window(size, stride, (0, extra[0], 0, extra[1]))},
                [[2, rows, columns, 2]],
                lambda x, a=(size, stride, pad): back(
                    functional.avg_pool2d(image(x), *a, ceil_mode=True, count_include_pad=True)
                ),
                before=counted,
            )
        )
    return cases


def more_at_the_end(length, size, stride, pad):
    """Cells beyond the padding that the last window reaches where PyTorch rounds up."""
    steps = -(-(length + 2 * pad - size) // stride) + 1
    if (steps - 1) * stride >= length + pad:
        steps -= 1
    return max(0, (steps - 1) * stride + size - length - 2 * pad)


def resize():
    """The grids of PyTorch, and ONNX's default for the nearest by its reference implementation."""
    interpolate = torch.nn.functional.interpolate
    grids = {
        "linear": {"mode": "bilinear"},
        "aligned": {"mode": "bilinear", "align_corners": True},
        "antialias": {"mode": "bilinear", "antialias": True},
        "cubicEdges": {"mode": "bicubic"},
        "alignedCubic": {"mode": "bicubic", "align_corners": True},
        "nearest": {"mode": "nearest-exact"},
        "cornerNearest": {"mode": "nearest"},
    }
    cases = []
    shape = [2, 4, 5, 2]
    for height, width in ((8, 10), (7, 3), (2, 1), (3, 9)):
        size = {"height": height, "width": width}
        for grid, options in grids.items():

            def compute(x, to=(height, width), options=options):
                return interpolate(x.permute(0, 3, 1, 2), to, **options).permute(0, 2, 3, 1)

            op = {"kind": "resize", "grid": grid, **size}
            cases.append(ValueCase(f"{grid}-{height}x{width}", op, [shape], compute))
        rows, columns = nearest_of_onnx(4, height), nearest_of_onnx(5, width)
        cases.append(
            ValueCase(
                f"nearestDown-{height}x{width}",
                {"kind": "resize", "grid": "nearestDown", **size},
                [shape],
                lambda x, r=rows, c=columns: x.index_select(1, r).index_select(2, c),
            )
        )
    return cases


def nearest_of_onnx(length, to):
    node = helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], mode="nearest")
    graph = helper.make_graph(
        [node],
        "nearest",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 1, length]),
            helper.make_tensor_value_info("sizes", TensorProto.INT64, [4]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 1, to])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    places = np.arange(length, dtype=np.float32).reshape(1, 1, 1, length)
    feeds = {"x": places, "sizes": np.array([1, 1, 1, to], np.int64)}
    (found,) = ReferenceEvaluator(model).run(None, feeds)
    return torch.tensor(found.reshape(-1).astype(np.int64))


def gathers():
    shapes = {"vector": [2, 5], "tokens": [2, 5, 2], "image": [2, 5, 4, 3], "rank-4": [2, 2, 3, 2, 2]}
    cases = []
    for name, shape in shapes.items():
        for axis in range(len(shape) - 1):
            size = shape[axis + 1]
            for kind, places in (
                ("turned", list(range(size))[::-1]),
                ("one", [size - 1]),
                ("again", [0, size - 1, 0, 1, 0]),
            ):
                op = {"kind": "gather", "axis": axis, "indices": places}
                cases.append(
                    ValueCase(
                        f"{name}-axis{axis}-{kind}",
                        op,
                        [shape],
                        lambda x, axis=axis, places=places: x.index_select(
                            axis + 1, torch.tensor(places)
                        ),
                    )
                )
    return cases


def mat_mul():
    shapes = {
        # [tokens, d], [heads, tokens, d] (the rank of an image) and windows before these.
        "rank-2": ([2, 3, 4], [2, 4, 2]),
        "heads": ([2, 2, 3, 4], [2, 2, 4, 5]),
        "windows": ([2, 2, 3, 4, 2], [2, 2, 3, 2, 4]),
        "repeated-left": ([2, 1, 3, 4], [2, 3, 4, 2]),
        "repeated-right": ([2, 2, 3, 2, 4], [2, 1, 3, 4, 2]),
        "repeated-both": ([2, 2, 1, 2, 3], [2, 1, 3, 3, 2]),
        "one-column": ([2, 2, 3, 1], [2, 2, 1, 4]),
    }
    cases = []
    for name, (a, b) in shapes.items():
        for transpose_a in (False, True):
            for transpose_b in (False, True):
                op = {"kind": "matMul", "transposeA": transpose_a, "transposeB": transpose_b}
                left = swap(a) if transpose_a else a
                right = swap(b) if transpose_b else b
                flags = ("-a" if transpose_a else "") + ("-b" if transpose_b else "")
                cases.append(ValueCase(name + flags, op, [left, right], product(op)))
    return cases


def product(op):
    def compute(a, b):
        left = a.transpose(-1, -2) if op["transposeA"] else a
        right = b.transpose(-1, -2) if op["transposeB"] else b
        return torch.matmul(left, right)

    return compute


def swap(shape):
    return [*shape[:-2], shape[-1], shape[-2]]
