"""Ops on values of any rank, as PyTorch computes and differentiates them: cases of the value op fixtures.

Each is one node of the op set as `packages/core/src/network/op.ts` has it, and the same in PyTorch. Shapes
have the batch in front, as the op set's values do: two items, which an engine must not mix.
"""

from dataclasses import dataclass, field
from typing import Callable

import torch


@dataclass
class ValueCase:
    """`data` names how inputs are drawn: normal, integers (ties), positive (above 1/4)."""

    name: str
    op: dict
    shapes: list
    compute: Callable
    data: str = "normal"
    weights: dict = field(default_factory=dict)


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
