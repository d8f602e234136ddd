# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "onnx", "onnxruntime", "numpy"]
# ///
"""Writes packages/core/test/fixtures/onnx-gradients.json: ONNX models of a few nodes, their outputs and gradients.

    python tools/oracles/write_onnx_gradient_fixtures.py

Both are PyTorch's in float64; ONNX Runtime, where it has the operators, must give the same output. The model ends
in a score, the sum of the output times random numbers, whose gradient is stored. Seeded.
"""

import base64
import sys
import zlib
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from fixture_json import float32, write_json
from onnx_gradient_cases import list_cases
from onnx_recurrent_cases import list_recurrent_cases

FILE = Path(__file__).parents[2] / "packages/core/test/fixtures/onnx-gradients.json"
SEED = 20170320
# Of the largest value: one program in float32 against another in float64.
CLOSE = 1e-5


def main():
    cases = [run_case(*case) for cases in (list_cases(), list_recurrent_cases()) for case in cases]
    source = f"tools/oracles/write_onnx_gradient_fixtures.py, PyTorch {torch.__version__.split('+')[0]}, seed {SEED}"
    write_json(FILE, {"source": source, "cases": cases})
    print(f"{len(cases)} cases, {FILE.stat().st_size} bytes")


def run_case(title, opset, shape, nodes, constants, compute):
    # A seed of its own for each case: one that is added leaves the others as they are.
    random = np.random.Generator(np.random.PCG64([SEED, zlib.crc32(title.encode())]))
    made = {k: np.asarray(v(random) if callable(v) else v) for k, v in constants.items()}
    given = random.uniform(0.1, 2, shape).astype(np.float32)
    x = torch.tensor(given, dtype=torch.float64, requires_grad=True)
    held = [torch.tensor(v, dtype=torch.float64 if v.dtype.kind == "f" else None) for v in made.values()]
    y = compute(x, *held)
    upstream = random.standard_normal(tuple(y.shape)).astype(np.float32)
    (gradient,) = torch.autograd.grad((y * torch.tensor(upstream, dtype=torch.float64)).sum(), x)
    model = build(opset, shape, nodes, made, upstream)
    check(title, model, given, y.detach().numpy())
    return {
        "title": f"{title}, opset {opset}",
        "model": base64.b64encode(model).decode(),
        "x": float32(given),
        "y": float32(y.detach().numpy()),
        "gradient": float32(gradient.numpy()),
    }


def build(opset, shape, nodes, constants, upstream):
    ends = [
        helper.make_node("Reshape", ["y", "flat shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "upstream"], ["score"]),
    ]
    arrays = {
        **constants,
        "flat shape": np.array([1, upstream.size], np.int64),
        # A second score of zeros, since one score alone is read as the logit of a binary classifier.
        "upstream": np.stack([upstream.reshape(-1), np.zeros(upstream.size, np.float32)], 1),
    }
    graph = helper.make_graph(
        [*nodes, *ends],
        "case",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape[1:]])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("score", "y")],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10).SerializeToString()


def check(title, model, x, expected):
    """ONNX Runtime's answer, or, of operators that it lacks, that of ONNX's reference implementation."""
    try:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        (y,) = session.run(["y"], {"x": x})
    except Exception as error:
        print(f"{title}: by the reference implementation, since ONNX Runtime says {str(error).splitlines()[0][:90]}")
        (y,) = ReferenceEvaluator(model).run(["y"], {"x": x})
    if y.shape != expected.shape or np.abs(y - expected).max() > CLOSE * np.abs(expected).max():
        sys.exit(f"{title}: ONNX Runtime and PyTorch differ: {y.shape}, {np.abs(y - expected).max()}")


if __name__ == "__main__":
    main()
