"""Models of a few nodes over an input `x`, and the same in PyTorch: title, opset, shape, nodes, constants, function.

The function takes `x` and then the constants in order, as float64 (truth values and integers as they are).
"""

import numpy as np
import torch
from torch.nn import functional

from onnx_op_cases import drawn, floats, node, number, whole

IMAGE = (1, 4, 6, 5)
TOKENS = (1, 5, 12)


def list_cases():
    yield from padding_cases()
    yield from einsum_cases()
    yield from choice_cases()
    yield from attention_cases()
    yield from norm_cases()
    yield from function_cases()


def padding_cases():
    edges = {"reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    pads = whole(0, 0, 2, 1, 0, 0, 1, 3)
    for mode, name in edges.items():
        pad = lambda x, _, name=name: functional.pad(x, (1, 3, 2, 1), mode=name)
        yield f"Pad {mode}", 19, IMAGE, [node("Pad", "x p", mode=mode)], {"p": pads}, pad
    constants = {"p": whole(0, 0, -1, 2, 0, 0, 1, -2)}
    cut = lambda x, _: functional.pad(x[:, :, 1:, :], (2, -2, 0, 1), mode="replicate")
    yield "Pad edge with a cut", 18, IMAGE, [node("Pad", "x p", mode="edge")], constants, cut
    pads = {"p": whole(0, 1, 0, 0, 0, 2, 0, 0)}
    channels = lambda x, _: torch.cat([x[:, 1:2], x, x[:, 2:3], x[:, 1:2]], 1)
    yield "Pad reflect of channels", 18, IMAGE, [node("Pad", "x p", mode="reflect")], pads, channels
    constants = {"p": whole(0, 0, 1, 1, 0, 0, 1, 1), "v": number(-1e30)}
    nodes = [node("Pad", "x p v", "w"), node("MaxPool", "w", kernel_shape=[3, 3], strides=[2, 2])]
    pool = lambda x, _, v: functional.max_pool2d(x, 3, 2, 1)
    yield "Pad with a very small number before a pool", 18, IMAGE, nodes, constants, pool


def einsum_cases():
    def case(text, shape, *sizes):
        names = "abc"[: len(sizes)]
        constants = {name: drawn(*size) for name, size in zip(names, sizes)}
        compute = lambda x, *others: torch.einsum(text, x, *others)
        nodes = [node("Einsum", " ".join(["x", *names]), equation=text)]
        return f"Einsum {text}", 13, shape, nodes, constants, compute

    yield case("bchw,cd->bdhw", IMAGE, (4, 3))
    yield case("bchw,dc->bhwd", IMAGE, (3, 4))
    yield case("bnd,hdk->bhnk", TOKENS, (2, 12, 3))
    yield case("bchw,bcij->bhwij", IMAGE, (1, 4, 2, 3))
    yield case("bchw,bchw->bc", IMAGE, IMAGE)
    yield case("bnd,bmd->bnm", TOKENS, (1, 7, 12))
    yield case("...nd,md->...nm", TOKENS, (7, 12))
    yield case("bchw->bhc", IMAGE)
    yield case("bnd,e->bnde", TOKENS, (2,))
    yield case("bchw,hj,wk->bcjk", IMAGE, (6, 2), (5, 3))
    yield case("bnd,dk", TOKENS, (12, 3))
    split = [
        node("Split", "x s", "q k", axis=2),
        node("Einsum", "q k", "e", equation="bid,bjd->bij"),
        node("Einsum", "e x", equation="bij,bjc->bic"),
    ]

    def attend(x, _):
        q, k = x.split(6, 2)
        return torch.einsum("bij,bjc->bic", torch.einsum("bid,bjd->bij", q, k), x)

    yield "Einsum of computed values", 13, TOKENS, split, {"s": whole(6, 6)}, attend


def choice_cases():
    mask = lambda random: random.uniform(0, 1, (1, 1, 6, 5)) > 0.5
    nodes = [node("Where", "m x k")]
    yield "Where by a constant mask", 16, IMAGE, nodes, {"m": mask, "k": number(-2)}, torch_where
    nodes = [node("Where", "m x k", "w"), node("Softmax", "w", axis=-1)]
    constants = {"m": lambda random: np.tri(5, dtype=bool), "k": number(-np.inf)}
    masked = lambda x, m, k: torch.where(m, x, k).softmax(-1)
    yield "Where with minus infinity before a softmax", 16, (1, 2, 5, 5), nodes, constants, masked
    for op, compare in (("Greater", torch.gt), ("Less", torch.lt), ("GreaterOrEqual", torch.ge), ("LessOrEqual", torch.le)):
        nodes = [node(op, "x t", "c"), node("Mul", "x x", "s"), node("Where", "c s x")]
        choose = lambda x, t, compare=compare: torch.where(compare(x, t), x * x, x)
        yield f"Where by {op}", 16, IMAGE, nodes, {"t": number(1)}, choose
    nodes = [
        node("Greater", "x t", "c"),
        node("Less", "x u", "d"),
        node("And", "c d", "e"),
        node("Not", "e", "f"),
        node("Cast", "f", "g", to=1),
        node("Mul", "x g"),
    ]
    between = lambda x, t, u: x * (~((x > t) & (x < u))).double()
    yield "Mask between two numbers", 16, IMAGE, nodes, {"t": number(0.5), "u": number(1.5)}, between
    nodes = [node("Floor", "k", "f"), node("Equal", "f k", "c"), node("Where", "c x z")]
    constants = {"k": lambda random: (random.integers(0, 4, IMAGE) / 2).astype(np.float32), "z": number(0)}
    same = lambda x, k, z: torch.where(k.floor() == k, x, z)
    yield "Where by an equality of constants", 16, IMAGE, nodes, constants, same
    nodes = [node("Sub", "x t", "d"), node("Relu", "d", "r"), node("Equal", "r z", "c"), node("Where", "c x r")]
    relu = lambda x, t, z: torch.where((x - t).relu() == z, x, (x - t).relu())
    yield "Where by an equality", 16, IMAGE, nodes, {"t": number(1), "z": number(0)}, relu


def torch_where(x, m, k):
    return torch.where(m, x, k)


def attention_cases():
    """Queries, keys and values from `x` by one product; opset 23."""
    split = [node("MatMul", "x w", "a"), node("Split", "a", "q k v", axis=2, num_outputs=3)]
    weight = {"w": drawn(12, 36)}

    def compute(heads, mask=None, causal=False, scale=None, own=None):
        def attend(x, w, *masks):
            parts = (x @ w).split(12, 2)
            q, k, v = (p.unflatten(2, (heads, 12 // heads)).transpose(1, 2) for p in parts)
            given = masks[0] if masks else None
            y = functional.scaled_dot_product_attention(q, k, v, given, is_causal=causal, scale=scale)
            return y.transpose(1, 2).flatten(2)

        return attend

    def case(title, constants, compute, inputs="q k v", **attributes):
        nodes = [*split, node("Attention", inputs, **attributes)]
        return f"Attention {title}", 23, TOKENS, nodes, {**weight, **constants}, compute

    plain = {"q_num_heads": 3, "kv_num_heads": 3}
    yield case("of three heads", {}, compute(3), **plain)
    yield case("with a scale", {}, compute(3, scale=0.3), scale=0.3, **plain)
    yield case("causal", {}, compute(3, causal=True), is_causal=1, **plain)
    yield case("with a bias", {"m": drawn(3, 5, 5)}, compute(3), "q k v m", **plain)
    truth = {"m": lambda random: np.tri(5, k=1, dtype=bool)}
    yield case("with a mask", truth, compute(3), "q k v m", **plain)
    split4 = [
        node("Reshape", "x s", "r"), node("Transpose", "r", "t", perm=[0, 2, 1, 3]), node("Slice", "t b e i", "g"),
        node("Attention", "t g g", "y - - p", qk_matmul_output_mode=3),
    ]  # fmt: skip
    constants = {"s": whole(1, 5, 4, 3), "b": whole(0), "e": whole(2), "i": whole(1)}

    def grouped(x, *_):
        q = x.reshape(1, 5, 4, 3).transpose(1, 2)
        k = q[:, :2].repeat_interleave(2, 1)
        return functional.scaled_dot_product_attention(q, k, k)

    yield "Attention of four axes, two heads for four", 23, TOKENS, split4, constants, grouped


def norm_cases():
    scale = {"s": drawn(12), "b": drawn(12)}
    rms = lambda x, s, b: functional.rms_norm(x, (12,), s, 1e-5) + b
    nodes = [node("RMSNormalization", "x s", "n", axis=-1), node("Add", "n b")]
    yield "RMSNormalization", 23, TOKENS, nodes, scale, rms
    layer = lambda x, s, b, e, two: functional.layer_norm(x, (12,), s, b, 1e-5)
    written = [
        node("ReduceMean", "x", "m", axes=[-1]), node("Sub", "x m", "d"), node("Pow", "d two", "q"),
        node("ReduceMean", "q", "v", axes=[-1]), node("Add", "v e", "a"), node("Sqrt", "a", "r"),
        node("Div", "d r", "n"), node("Mul", "n s", "t"), node("Add", "t b"),
    ]  # fmt: skip
    more = {**scale, "e": number(1e-5), "two": number(2)}
    yield "LayerNormalization written out", 13, TOKENS, written, more, layer
    image = [
        node("Reshape", "x g", "h"), node("InstanceNormalization", "h o z", "i"), node("Shape", "x", "p"),
        node("Reshape", "i p", "j"), node("Mul", "j s", "t"), node("Add", "t b"),
    ]  # fmt: skip
    group = {"g": whole(1, 2, -1), "o": floats(1, 1), "z": floats(0, 0), "s": drawn(4, 1, 1), "b": drawn(4, 1, 1)}
    norm = lambda x, g, o, z, s, b: functional.group_norm(x, 2, s.flatten(), b.flatten(), 1e-5)
    yield "GroupNormalization written out", 13, IMAGE, image, group, norm
    attributes = {"num_groups": 2}
    one = lambda x, s, b: functional.group_norm(x, 2, s, b, 1e-5)
    nodes = [node("GroupNormalization", "x s b", **attributes)]
    yield "GroupNormalization", 21, IMAGE, nodes, {"s": drawn(4), "b": drawn(4)}, one


def function_cases():
    gelu = [
        node("Mul", "x x", "q"), node("Mul", "q x", "c"), node("Mul", "c k", "d"), node("Add", "x d", "e"),
        node("Mul", "e r", "f"), node("Tanh", "f", "t"), node("Add", "t o", "u"), node("Mul", "x u", "v"),
        node("Mul", "v h"),
    ]  # fmt: skip
    constants = {"k": number(0.044715), "r": number(0.7978845608), "o": number(1), "h": number(0.5)}
    tanh = lambda x, *_: functional.gelu(x, approximate="tanh")
    yield "GELU by tanh written out", 13, IMAGE, gelu, constants, tanh
    hard = [node("Add", "x t", "a"), node("Clip", "a z s", "c"), node("Div", "c s", "d"), node("Mul", "x d")]
    constants = {"t": number(3), "z": number(0), "s": number(6)}
    swish = lambda x, *_: functional.hardswish(x)
    yield "hard swish written out", 13, IMAGE, hard, constants, swish
    mish = [node("Softplus", "x", "s"), node("Tanh", "s", "t"), node("Mul", "x t")]
    yield "Mish written out", 13, IMAGE, mish, {}, functional.mish
    plus = [node("Exp", "x", "e"), node("Add", "e o", "a"), node("Log", "a")]
    yield "softplus written out", 13, IMAGE, plus, {"o": number(1)}, lambda x, o: functional.softplus(x)
    for op, compute in (("Mish", functional.mish), ("HardSwish", functional.hardswish)):
        yield op, 18, IMAGE, [node(op, "x")], {}, compute
    swish = lambda x: x * torch.sigmoid(1.7 * x)
    yield "Swish with alpha", 24, IMAGE, [node("Swish", "x", alpha=1.7)], {}, swish
    thresholded = lambda x: torch.where(x > 0.8, x, 0.0)
    yield "ThresholdedRelu", 10, IMAGE, [node("ThresholdedRelu", "x", alpha=0.8)], {}, thresholded
    celu = lambda x: functional.celu(x - 1, 0.7)
    yield "Celu", 12, IMAGE, [node("Sub", "x o", "d"), node("Celu", "d", alpha=0.7)], {"o": number(1)}, lambda x, o: celu(x)
    sigmoid = lambda x: (0.3 * x + 0.1).clamp(0, 1)
    yield "HardSigmoid with beta", 13, IMAGE, [node("HardSigmoid", "x", alpha=0.3, beta=0.1)], {}, sigmoid
    lower = [node("Trilu", "k", "l", upper=0), node("Mul", "x l")]
    yield "Trilu of a constant", 14, (1, 2, 5, 5), lower, {"k": drawn(5, 5)}, lambda x, k: x * k.tril()
    spread = [node("Expand", "k s", "e"), node("Add", "x e")]
    constants = {"k": drawn(4, 1, 1), "s": whole(1, 4, 6, 5)}
    yield "Expand of a constant", 13, IMAGE, spread, constants, lambda x, k, s: x + k
    counted = [node("Range", "a l d", "r"), node("Mul", "x r")]
    constants = {"a": number(0), "l": number(5), "d": number(1)}
    yield "Range of numbers", 13, IMAGE, counted, constants, lambda x, *_: x * torch.arange(5).double()
    products = {"w": drawn(4, 5, 3), "v": drawn(1, 6)}
    nodes = [node("MatMul", "x w", "m"), node("MatMul", "v m")]
    yield "MatMul by a stack of matrices on both sides", 13, IMAGE, nodes, products, lambda x, w, v: v @ (x @ w)
    windows = {"kernel_shape": [1280, 3], "strides": [1280, 2], "ceil_mode": 1}
    wide = lambda x: functional.avg_pool2d(x, (1280, 3), (1280, 2), ceil_mode=True)
    yield "AveragePool of windows far longer than the image", 19, IMAGE, [node("AveragePool", "x", **windows)], {}, wide
    nodes = [node("Flatten", "x", "f"), node("Gemm", "f w c", alpha=0.5, beta=2.0, transB=1)]
    constants = {"w": drawn(3, 120), "c": drawn(1, 3)}
    gemm = lambda x, w, c: 0.5 * x.flatten(1) @ w.T + 2 * c
    yield "Gemm with alpha and beta", 13, IMAGE, nodes, constants, gemm
