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
    yield from written_cases()
    yield from gather_nd_cases()


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
    # ONNX Runtime's optimisation makes the zeros the pool's own padding, which is never the maximum.
    constants = {"w": lambda random: -drawn(3, 4, 1, 1)(random) ** 2, "p": whole(0, 0, 1, 1, 0, 0, 1, 1)}
    nodes = [node("Conv", "x w", "n"), node("Pad", "n p", "q"), node("MaxPool", "q", kernel_shape=[3, 3], strides=[2, 2])]
    yield "MaxPool of negative values within zeros", 13, IMAGE, nodes, constants


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


def written_cases():
    """One op of ours that exporters write out as several nodes."""
    tokens = (1, 6, 7)
    yield "GELU by tanh, as PyTorch writes it", 17, tokens, list_tanh_gelu("torch"), take(GELU_NUMBERS, "three")
    yield "GELU by tanh, as transformers writes it", 17, tokens, list_tanh_gelu("transformers"), GELU_NUMBERS
    near = {**take(GELU_NUMBERS, "three"), "k": number(0.05)}
    yield "nearly GELU by tanh", 17, tokens, list_tanh_gelu("torch"), near
    weights = {"g": drawn(7), "b": drawn(7), "e": number(1e-5), "two": number(2)}
    yield "LayerNorm over tokens, written out", 17, tokens, list_layer_norm("x", 2, "Div"), weights
    images = {**weights, "g": drawn(4, 1, 1), "b": drawn(4, 1, 1), "w": drawn(4, 4, 1, 1)}
    nodes = [node("Conv", "x w", "c"), *list_layer_norm("c", 1, "Div")]
    yield "LayerNorm over channels, written out", 17, IMAGE, nodes, images
    weights = {"g": drawn(7), "b": drawn(7), "e": number(1e-6)}
    yield "LayerNorm over tokens by a reciprocal root", 17, tokens, list_layer_norm("x", 2, "Mul"), weights
    rows = {**weights, "g": drawn(6, 1), "b": drawn(6, 1), "two": number(2)}
    yield "LayerNorm over rows of tokens, written out", 17, tokens, list_layer_norm("x", 1, "Div"), rows


def take(numbers, *but):
    return {name: value for name, value in numbers.items() if name not in but}


GELU_NUMBERS = {
    "k": number(0.044715),
    "s": number(np.sqrt(2 / np.pi)),
    "one": number(1),
    "half": number(0.5),
    "three": number(3),
}


def list_tanh_gelu(writer):
    if writer == "torch":
        cube = [node("Mul", "x x", "xx"), node("Mul", "x xx", "cube")]
        last = [node("Mul", "x half", "h"), node("Mul", "h gate")]
    else:
        cube = [node("Pow", "x three", "cube")]
        last = [node("Mul", "gate x", "m"), node("Mul", "half m")]
    inner = [node("Mul", "cube k", "kc"), node("Add", "x kc", "sum"), node("Mul", "s sum", "u")]
    return [*cube, *inner, node("Tanh", "u", "t"), node("Add", "t one", "gate"), *last]


def list_layer_norm(x, axis, how):
    start = [node("ReduceMean", x, "m", axes=[axis]), node("Sub", f"{x} m", "d")]
    if how == "Div":
        middle = [node("Pow", "d two", "dd")]
        last = [node("Add", "v e", "ve"), node("Sqrt", "ve", "r"), node("Div", "d r", "n")]
    else:
        middle = [node("Sub", f"{x} m", "again"), node("Mul", "again again", "dd")]
        root = [node("Add", "v e", "ve"), node("Sqrt", "ve", "r"), node("Reciprocal", "r", "i")]
        last = [*root, node("Mul", "i d", "n")]
    variance = node("ReduceMean", "dd", "v", axes=[axis])
    return [*start, *middle, variance, *last, node("Mul", "n g", "ng"), node("Add", "ng b")]


def gather_nd_cases():
    """Places of a constant, as PyTorch's newer exporter writes a table of relative positions."""
    added = node("Add", "x g")
    random = np.random.default_rng(1)

    def places(*sizes):
        """Places along axes of these sizes, some counted from the end, for 6 x 5 elements."""
        drawn = [random.integers(-size, size, (6, 5)) for size in sizes]
        return np.stack(drawn, -1).astype(np.int64)

    elements = {"t": drawn(2, 3, 4), "i": places(2, 3, 4)}
    yield "GatherND of elements of a constant", 17, IMAGE, [node("GatherND", "t i", "g"), added], elements
    slices = {"t": drawn(3, 5), "i": places(3)[:, :1]}
    nodes = [node("GatherND", "t i", "r"), node("Squeeze", "r one", "g"), added]
    yield "GatherND of slices of a constant", 17, IMAGE, nodes, {**slices, "one": whole(1)}
    shared = {"t": drawn(6, 4), "i": places(4)}
    nodes = [node("GatherND", "t i", "g", batch_dims=1), added]
    yield "GatherND of a constant with a shared axis", 17, IMAGE, nodes, shared
