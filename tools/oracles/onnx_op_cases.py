"""Models of one or two nodes over an input `x`: title, operator set, shape of `x`, nodes, constants."""

import numpy as np
from onnx import TensorProto, helper

IMAGE = (1, 4, 6, 5)


def node(op, inputs, outputs="y", **attributes):
    """'-' is an input or output that is left out."""
    names = [["" if name == "-" else name for name in text.split()] for text in (inputs, outputs)]
    return helper.make_node(op, *names, **attributes)


def drawn(*shape):
    return lambda random: random.uniform(-1, 1, shape).astype(np.float32)


def whole(*values):
    return np.array(values, np.int64)


def floats(*values):
    return np.array(values, np.float32)


def number(value):
    return np.float32(value)


def list_cases():
    yield from softmax_cases()
    yield from pool_cases()
    yield from transposed_cases()
    yield from resize_cases()
    yield from rank_cases()
    yield from constant_cases()
    yield from other_cases()
    yield from experimental_cases()


def softmax_cases():
    for opset, shape, axis in ((7, (1, 7), None), (11, (1, 5, 1, 1), 1), (11, IMAGE, 3), (13, IMAGE, 1)):
        attributes = {} if axis is None else {"axis": axis}
        title = f"Softmax over axis {axis} of {list(shape)}"
        yield title, opset, shape, [node("Softmax", "x", **attributes)], {}


def pool_cases():
    for op, counts in (("MaxPool", None), ("AveragePool", 0), ("AveragePool", 1)):
        for strides, pads in (([2, 2], [1, 0, 0, 1]), ([3, 3], [1, 1, 1, 1])):
            attributes = {"kernel_shape": [3, 2], "strides": strides, "pads": pads, "ceil_mode": 1}
            if counts is not None:
                attributes["count_include_pad"] = counts
            title = f"{op} in steps of {strides} rounded up, pads {pads}, counted {counts}"
            yield title, 19, (1, 2, 8, 7), [node(op, "x", **attributes)], {}


def transposed_cases():
    for mode in ("SAME_UPPER", "SAME_LOWER"):
        for strides, dilations in (([2, 2], [1, 1]), ([3, 2], [1, 1]), ([2, 2], [2, 2])):
            attributes = {"auto_pad": mode, "strides": strides, "dilations": dilations, "group": 2}
            title = f"ConvTranspose {mode} in steps of {strides}, dilations {dilations}"
            constants = {"w": drawn(4, 3, 3, 2), "b": drawn(6)}
            yield title, 11, (1, 4, 7, 8), [node("ConvTranspose", "x w b", **attributes)], constants
    attributes = {"auto_pad": "SAME_UPPER", "strides": [2, 2], "output_padding": [1, 1]}
    nodes = [node("ConvTranspose", "x w", **attributes)]
    yield "ConvTranspose SAME_UPPER with output_padding", 11, IMAGE, nodes, {"w": drawn(4, 3, 3, 2)}
    for mode in ("NOTSET", "SAME_UPPER"):
        attributes = {"auto_pad": mode, "strides": [2, 3], "output_shape": [10, 14]}
        nodes = [node("ConvTranspose", "x w", **attributes)]
        yield f"ConvTranspose {mode} with output_shape", 11, IMAGE, nodes, {"w": drawn(4, 3, 3, 4)}


def resize_cases():
    smaller = {"s": floats(1, 1, 0.5, 0.6)}
    yield "Resize nearest smaller", 10, IMAGE, [node("Resize", "x s", mode="nearest")], smaller
    larger = {"s": floats(1, 1, 1.5, 2.3)}
    yield "Resize nearest larger", 10, IMAGE, [node("Resize", "x s", mode="nearest")], larger
    yield "Upsample nearest", 9, IMAGE, [node("Upsample", "x s", mode="nearest")], larger
    for scales in (floats(1, 1, 0.5, 0.6), floats(1, 1, 0.2, 0.25)):
        nodes = [node("Resize", "x - s", mode="nearest", nearest_mode="floor")]
        yield f"Resize nearest, floor, by {scales[2]} and {scales[3]}", 13, IMAGE, nodes, {"s": scales}
    for mode in ("linear", "cubic"):
        for leaves_out in (0, 1):
            attributes = {"mode": mode, "antialias": 1, "exclude_outside": leaves_out}
            nodes = [node("Resize", "x - s", **attributes)]
            yield f"Resize {mode} antialias, exclude_outside {leaves_out}", 19, IMAGE, nodes, smaller


def rank_cases():
    """A constant may have more axes than the value that it meets."""
    for op in ("Add", "Mul", "Max", "Min", "Pow"):
        constants = {"k": np.full((1, 1, 1), 0.7, np.float32)}
        yield f"{op} of [1, 5] and [1, 1, 1]", 13, (1, 5), [node(op, "x k")], constants
    constants = {"k": np.full((1, 1, 1), 0.7, np.float32)}
    nodes = [node("Erf", "x", "e"), node("Mul", "e k")]
    yield "erf of [1, 5] times [1, 1, 1]", 13, (1, 5), nodes, constants
    yield "MatMul of a list and matrices", 13, IMAGE, [node("MatMul", "w x")], {"w": drawn(6)}
    yield "MatMul of matrices and a list", 13, IMAGE, [node("MatMul", "x w")], {"w": drawn(5)}
    yield "MatMul by a matrix of more axes", 13, (1, 5), [node("MatMul", "x w")], {"w": drawn(1, 1, 5, 3)}


def constant_cases():
    """What is computed while the file is read; the result is added to `x`."""
    added = node("Add", "x d")
    cast = node("Cast", "c", "d", to=TensorProto.FLOAT)

    def computed(title, opset, nodes, **constants):
        return title, opset, IMAGE, [*nodes, cast, added], constants

    cast_like = [node("CastLike", "k z", "c")]
    yield computed("CastLike of 1.7 and an integer", 15, cast_like, k=floats(1.7), z=whole(1))
    for to, value in ((TensorProto.UINT8, 300), (TensorProto.INT8, 200), (TensorProto.INT16, -40000)):
        nodes = [node("Cast", "k", "c", to=to)]
        yield computed(f"Cast of {value} to type {to}", 13, nodes, k=np.array([value], np.int32))
    yield computed("Pow of integers", 13, [node("Pow", "k l", "c")], k=whole(2), l=floats(-1))
    mean = [node("ReduceMean", "k", "c", axes=[0], keepdims=0)]
    yield computed("ReduceMean of integers", 13, mean, k=np.array([1, 2], np.int32))
    yield computed("Div of integers", 13, [node("Div", "k l", "c")], k=whole(-7), l=whole(2))
    yield computed("Mod of integers", 13, [node("Mod", "k l", "c")], k=whole(-7), l=whole(3))


def other_cases():
    three = {"a": number(1.1), "b": drawn(4, 1, 1)}
    for op in ("Max", "Min", "Sum", "Mean"):
        yield f"{op} of three", 13, IMAGE, [node(op, "x a b")], three
    scale = {"s": drawn(1), "b": drawn(1)}
    yield "LayerNormalization by one number", 17, IMAGE, [node("LayerNormalization", "x s b")], scale
    nodes = [node("Softplus", "x", "s"), node("Greater", "x t", "c"), node("Where", "c x s")]
    yield "softplus as PyTorch writes it", 13, IMAGE, nodes, {"t": number(20)}


def experimental_cases():
    """Operators that were experimental up to opset 9, as files from Core ML have them."""
    scaler = {"scale": 0.5, "bias": [1.0, -2.0, 3.0]}
    yield "ImageScaler", 7, (1, 3, 6, 5), [node("ImageScaler", "x", **scaler)], {}
    wide = {"scale": 2.0, "bias": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}
    yield "ImageScaler of six channels", 7, (1, 6, 3, 4), [node("ImageScaler", "x", **wide)], {}
    yield "Crop by a border", 7, (1, 4, 8, 9), [node("Crop", "x", border=[1, 2, 3, 0])], {}
    sized = {"border": [2, 1, 0, 0], "scale": [3, 4]}
    yield "Crop to a size", 7, (1, 4, 8, 9), [node("Crop", "x", **sized)], {}
