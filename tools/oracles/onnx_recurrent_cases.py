"""LSTM, GRU and RNN of ONNX over an input `x` [n, steps, features], and the same in PyTorch, as onnx_gradient_cases.py.

Where PyTorch has the layer, its own computes it, with the gates put into PyTorch's order; the forms that it lacks are
written out by the equations of ONNX's operator list.
"""

import torch

from onnx_op_cases import drawn, node, whole

FEATURES, UNITS, STEPS = 3, 4, 5
SHAPE = (1, STEPS, FEATURES)
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
# PyTorch's gates by their places among ONNX's: i, f, g, o of i, o, f, c; and r, z, n of z, r, h.
ORDERS = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
DIRECTIONS = {"forward": 1, "reverse": 1, "bidirectional": 2}


def list_recurrent_cases():
    for op in GATES:
        for direction in DIRECTIONS:
            yield by_torch(op, direction)
        yield by_torch(op, "bidirectional", states=True)
        yield by_torch(op, "forward", output="last")
        yield by_torch(op, "bidirectional", output="last")
    yield by_torch("LSTM", "bidirectional", states=True, output="memory")
    yield by_torch("RNN", "forward", function="Relu")
    yield from written_cases()


def weights_of(op, directions, bias=True):
    gates = GATES[op]
    found = {"w": drawn(directions, gates * UNITS, FEATURES), "r": drawn(directions, gates * UNITS, UNITS)}
    return {**found, "b": drawn(directions, 2 * gates * UNITS)} if bias else found


def attributes_of(op, direction, **more):
    return {"hidden_size": UNITS, **({} if direction == "forward" else {"direction": direction}), **more}


def by_torch(op, direction, states=False, output="all", function=None):
    """As exporters write a layer with the batch first: the batch becomes the second axis and back."""
    directions = DIRECTIONS[direction]
    constants = weights_of(op, directions)
    inputs = "t w r b"
    if states:
        constants["h"] = drawn(directions, 1, UNITS)
        inputs += " - h"
        if op == "LSTM":
            constants["c"] = drawn(directions, 1, UNITS)
            inputs += " c"
    # GRU with the reset gate behind the product is PyTorch's.
    more = {"linear_before_reset": 1} if op == "GRU" else {}
    if function is not None:
        more["activations"] = [function]
    outputs = {"all": "o", "last": "- o", "memory": "- - o"}[output]
    nodes = [
        node("Transpose", "x", "t", perm=[1, 0, 2]),
        node(op, inputs, outputs, **attributes_of(op, direction, **more)),
        node("Transpose", "o", perm=[2, 1, 0, 3] if output == "all" else [1, 0, 2]),
    ]

    def compute(x, w, r, b, *given):
        results = [
            run_torch(op, function, x, w[k], r[k], b[k], [one[k] for one in given], direction == "reverse" or k == 1)
            for k in range(directions)
        ]
        place = {"all": 0, "last": 1, "memory": 2}[output]
        return torch.stack([one[place] for one in results])[None]

    title = " ".join([op, direction, *(["with states"] if states else []), *([function] if function else [])])
    return f"{title}, {output}", 14, SHAPE, nodes, constants, compute


def run_torch(op, function, x, w, r, b, given, is_backwards):
    """One direction by PyTorch's layer: the outputs [steps, units] in the order of the steps, and the last states."""
    options = {"nonlinearity": function.lower()} if function else {}
    layer = getattr(torch.nn, op)(FEATURES, UNITS, **options).double()
    turn = lambda value: torch.cat([value.chunk(GATES[op])[k] for k in ORDERS[op]])
    bias = b.chunk(2)
    weights = {
        "weight_ih_l0": turn(w),
        "weight_hh_l0": turn(r),
        "bias_ih_l0": turn(bias[0]),
        "bias_hh_l0": turn(bias[1]),
    }
    states = [one[None] for one in given]
    first = (tuple(states) if op == "LSTM" else states[0],) if states else ()
    sequence = x.flip(1) if is_backwards else x
    found, last = torch.func.functional_call(layer, weights, (sequence.transpose(0, 1), *first))
    rows = found[:, 0].flip(0) if is_backwards else found[:, 0]
    last = last if isinstance(last, tuple) else (last,)
    return (rows, *(one[0, 0] for one in last))


def written_cases():
    def lstm(x, w, r, b, h, c, p):
        """With peepholes, by the equations of ONNX."""
        bias = b[0].chunk(2)
        rows = []
        h, c, (pi, po, pf) = h[0], c[0], p[0].chunk(3)
        for t in range(STEPS):
            i, o, f, g = (x[:, t] @ w[0].T + h @ r[0].T + bias[0] + bias[1]).chunk(4, 1)
            i, f = torch.sigmoid(i + pi * c), torch.sigmoid(f + pf * c)
            c = f * c + i * torch.tanh(g)
            h = torch.sigmoid(o + po * c) * torch.tanh(c)
            rows.append(h)
        return torch.stack(rows, 1)

    constants = {**weights_of("LSTM", 1), "h": drawn(1, 1, UNITS), "c": drawn(1, 1, UNITS), "p": drawn(1, 3 * UNITS)}
    nodes = around(node("LSTM", "t w r b - h c p", "o", **attributes_of("LSTM", "forward")))
    yield "LSTM with peepholes", 12, SHAPE, nodes, constants, lstm

    def gru(x, w, r, b, counted=STEPS, backwards=False):
        """With the reset gate before the product."""
        bias = b[0].chunk(2)
        wz, wr, wh = w[0].chunk(3)
        rz, rr, rh = r[0].chunk(3)
        (bz, br, bh), (cz, cr, ch) = bias[0].chunk(3), bias[1].chunk(3)
        h = torch.zeros(len(x), UNITS, dtype=x.dtype)
        rows = [torch.zeros_like(h)] * STEPS
        for t in range(counted - 1, -1, -1) if backwards else range(counted):
            now = x[:, t]
            z = torch.sigmoid(now @ wz.T + h @ rz.T + bz + cz)
            reset = torch.sigmoid(now @ wr.T + h @ rr.T + br + cr)
            h = (1 - z) * torch.tanh(now @ wh.T + (reset * h) @ rh.T + bh + ch) + z * h
            rows[t] = h
        return torch.stack(rows, 1)

    nodes = around(node("GRU", "t w r b", "o", **attributes_of("GRU", "forward")))
    yield "GRU with the reset before the product", 12, SHAPE, nodes, weights_of("GRU", 1), gru
    constants = {**weights_of("GRU", 1), "l": whole(3).astype("int32")}
    for direction in ("forward", "reverse"):
        nodes = around(node("GRU", "t w r b l", "o", **attributes_of("GRU", direction)))
        short = lambda x, w, r, b, l, back=direction == "reverse": gru(x, w, r, b, 3, back)
        yield f"GRU {direction}, of 3 of 5 steps", 12, SHAPE, nodes, constants, short

    def without_bias(x, w, r):
        return gru(x, w, r, torch.zeros(1, 6 * UNITS, dtype=x.dtype))

    nodes = around(node("GRU", "t w r", "o", **attributes_of("GRU", "forward")))
    yield "GRU without bias", 12, SHAPE, nodes, weights_of("GRU", 1, bias=False), without_bias

    def items(x, w, r, b):
        """The steps of a picture's rows: several sequences of one picture."""
        return torch.stack([run_torch("RNN", None, row[None], w[0], r[0], b[0], [], False)[0] for row in x[0]])[None]

    nodes = [
        node("Squeeze", "x z", "s"),
        node("Transpose", "s", "t", perm=[1, 0, 2]),
        node("RNN", "t w r b", "o", **attributes_of("RNN", "forward")),
        node("Transpose", "o", "p", perm=[1, 2, 0, 3]),
        node("Reshape", "p q"),
    ]
    shape = (1, 3, STEPS, FEATURES)
    constants = {**weights_of("RNN", 1), "z": whole(0), "q": whole(1, 3, STEPS, UNITS)}
    yield "RNN of three sequences of one picture", 14, shape, nodes, constants, lambda x, w, r, b, *_: items(x, w, r, b)

    shape = (1, STEPS, FEATURES)
    constants = {**weights_of("LSTM", 1), "h": drawn(1, 1, UNITS), "c": drawn(1, 1, UNITS)}
    nodes = [
        node("LSTM", "x w r b - h c", "o", layout=1, **attributes_of("LSTM", "forward")),
        node("Squeeze", "o two"),
    ]
    first = lambda x, w, r, b, h, c, *_: run_torch("LSTM", None, x, w[0], r[0], b[0], [h[0], c[0]], False)[0][None]
    yield "LSTM with the batch first", 14, shape, nodes, {**constants, "two": whole(2)}, first


def around(recurrent):
    """[n, steps, units], as the functions above return it."""
    return [
        node("Transpose", "x", "t", perm=[1, 0, 2]),
        recurrent,
        node("Squeeze", "o", "q", axes=[1]),
        node("Transpose", "q", perm=[1, 0, 2]),
    ]
