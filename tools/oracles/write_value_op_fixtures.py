# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["torch==2.13.0", "numpy", "onnx"]
# ///
"""Writes packages/core/test/fixtures/value-ops from scratch: ops on values of any rank, by PyTorch.

python tools/oracles/write_value_op_fixtures.py
"""

import shutil
import zlib
from pathlib import Path

import numpy as np
import torch

import value_op_cases as values
from fixture_json import float32, write_json

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/value-ops"
SEED = 5
FAMILIES = {
    "constant": values.constant,
    "functions": values.functions,
    "select": values.select,
    "strides": values.strides,
    "pad-with": values.pad_with,
    "pools": values.pools,
    "resize": values.resize,
    "gathers": values.gathers,
    "mat-mul": values.mat_mul,
    "divide": values.divide,
    "sum-to": values.sum_to,
    "max-to": values.max_to,
    "broadcast": values.broadcast,
}


def run_case(case, random):
    """In float64 from values that float32 holds, so that what is stored is right to its last bit."""
    arrays = [draw(case.data, shape, random) for shape in case.shapes]
    weights = {role: draw("normal", shape, random) for role, shape in case.weights.items()}
    inputs = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]
    fixed = [draw(case.constants_data, shape, random) for shape in case.constants]
    constants = {role: torch.tensor(array, dtype=torch.float64) for role, array in weights.items()}
    before = [torch.tensor(array[None], dtype=torch.float64) for array in fixed]
    output = case.compute(*before, *inputs, **constants)
    upstream = draw("normal", list(output.shape), random)
    (output * torch.tensor(upstream, dtype=torch.float64)).sum().backward()
    return {
        "name": case.name,
        "op": case.op,
        "before": case.before and {"op": case.before[0], "shape": case.before[1]},
        "constants": [float32(array) for array in fixed],
        "inputs": [float32(array) for array in arrays],
        "weights": {role: float32(array) for role, array in weights.items()},
        "output": float32(output.detach().numpy()),
        "upstream": float32(upstream),
        "inputGradients": [float32(one.grad.numpy()) for one in inputs],
    }


def draw(kind, shape, random):
    values = random.standard_normal(shape)
    if kind == "integers":
        values = random.integers(-2, 3, shape)
    elif kind == "positive":
        values = np.abs(values) + 0.25
    return values.astype(np.float32)


def main():
    torch.set_num_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for family, list_cases in FAMILIES.items():
        # A seed of its own for each family: a case added to one leaves the others as they are.
        random = np.random.Generator(np.random.PCG64([SEED, zlib.crc32(family.encode())]))
        cases = [run_case(case, random) for case in list_cases()]
        write_json(FOLDER / f"{family}.json", {"family": family, "cases": cases})
        print(f"{len(cases):4d} cases  {family}")
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/write_value_op_fixtures.py` (one command, from scratch) with PyTorch
{torch.__version__.split("+")[0]}, NumPy {np.__version__} on CPU; seed {SEED}. Random numbers only.

Each case is one node of the op set: `op` as `src/network/op.ts` has it, `inputs` and `output` with the batch
axis in front, `weights` without it, and `inputGradients` of sum(output * `upstream`) by PyTorch's autograd.
Computed in float64, stored as base64 of little-endian float32.
"""
    )


if __name__ == "__main__":
    main()
