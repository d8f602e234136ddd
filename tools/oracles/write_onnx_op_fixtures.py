# /// script
# requires-python = ">=3.11"
# dependencies = ["onnx", "onnxruntime", "numpy"]
# ///
"""Writes packages/core/test/fixtures/onnx-ops.json: ONNX models of one or two nodes, and what ONNX Runtime answers.

    python tools/oracles/write_onnx_op_fixtures.py

The cases are those whose meaning depends on the operator set, or on an attribute or a shape that is easily
overlooked. ONNX Runtime runs them without its graph optimisations. Seeded: a second run gives the same file.
"""

import base64
import zlib
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from fixture_json import float32, write_json
from onnx_op_cases import list_cases

FILE = Path(__file__).parents[2] / "packages/core/test/fixtures/onnx-ops.json"
SEED = 20170320


def main():
    cases = [run_case(*case) for case in list_cases()]
    source = f"tools/oracles/write_onnx_op_fixtures.py, ONNX Runtime {onnxruntime.__version__}, seed {SEED}"
    write_json(FILE, {"source": source, "cases": cases})
    print(f"{len(cases)} cases")


def run_case(title, opset, shape, nodes, constants):
    # A seed of its own for each case: one that is added leaves the others as they are.
    random = np.random.Generator(np.random.PCG64([SEED, zlib.crc32(title.encode())]))
    made = {k: v(random) if callable(v) else v for k, v in constants.items()}
    graph = helper.make_graph(
        nodes,
        "case",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape[1:]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in made.items()],
    )
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    x = random.uniform(0.1, 2, shape).astype(np.float32)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (y,) = session.run(["y"], {"x": x})
    return {
        "title": f"{title}, opset {opset}",
        "model": base64.b64encode(model).decode(),
        "x": float32(x),
        "y": float32(y),
    }


if __name__ == "__main__":
    main()
