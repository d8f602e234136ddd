# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "onnx", "onnxruntime", "numpy"]
# ///
"""Writes packages/core/test/fixtures/quantised: small nets as ONNX Runtime's quantize_static writes them (QDQ).

    python tools/oracles/write_quantised_fixtures.py

Outputs are those of ONNX Runtime on the untouched file, once node by node and once with the integer kernels that
it makes of the file. Gradients are PyTorch's in float64: those of the clamps, roundings passed straight through.
Seeded: a second run gives the same files.
"""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

from fixture_json import float32, write_json
from quantised_graph import QuantisedGraph
from write_onnx_fixtures import CLASS, SEED, SIZE, build, export

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/quantised"
LIMIT = 200_000
UINT8, INT8 = quantization.QuantType.QUInt8, quantization.QuantType.QInt8
# Net, type of activations, whether weights have a scale for each channel, whether biases are integers, and the
# value that is explained. With biases of integers a ReLU's input is often exactly 0, up to roundings that differ
# from program to program; the nets with ReLUs keep their biases as numbers.
CASES = (
    ("resnet", UINT8, True, False, "/layer2/layer2.1/relu_1/Relu_output_0"),
    ("mobilenet-v2", INT8, False, False, "/features/features.4/features.4.2/Clip_output_0"),
    ("mobilenet-v3", UINT8, True, True, "/features/features.4/features.4.2/HardSwish_output_0"),
    ("vit", UINT8, False, True, "/patch_embed/Conv_output_0"),
)
PICTURES = 2


class Pictures(quantization.CalibrationDataReader):
    def __init__(self, random):
        self.left = iter([random.random((1, 3, SIZE, SIZE), np.float32) for _ in range(8)])

    def get_next(self):
        picture = next(self.left, None)
        return None if picture is None else {"input": picture}


def quantise(name, activations, per_channel, has_biases, path, random):
    net = build(name)
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder, "plain.onnx"), Path(folder, "ready.onnx")
        export(net, plain, "torchscript", False)
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(ready), str(path), Pictures(random), quant_format=quantization.QuantFormat.QDQ,
            per_channel=per_channel, activation_type=activations, weight_type=INT8,
            extra_options={"QuantizeBias": has_biases},
        )  # fmt: skip


def run_file(path, x, level):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"input": one[None]})[0] for one in x])


def integers_of(model, x):
    """What each QuantizeLinear of a file gives for one picture."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    names = [node.output[0] for node in model.graph.node if node.op_type == "QuantizeLinear"]
    copy.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(copy.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, {"input": x})))


def gradients(model, x, layer, is_guided):
    """Of the class's score, at the picture and at the dequantised value of the layer."""
    found = {"input": [], "layer": [], "activation": []}
    for one in x:
        picture = torch.tensor(one[None], dtype=torch.float64, requires_grad=True)
        values = QuantisedGraph(model, is_guided).run(picture, integers_of(model, one[None]))
        (score,) = values[model.graph.output[0].name][:, CLASS]
        held = values[f"{layer}_DequantizeLinear_Output"]
        at_input, at_layer = torch.autograd.grad(score, (picture, held))
        for key, value in (("input", at_input), ("layer", at_layer), ("activation", held.detach())):
            found[key].append(value.permute(0, 2, 3, 1).numpy())
    return {key: np.concatenate(values) for key, values in found.items()}


def main():
    warnings.filterwarnings("ignore")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, activations, per_channel, has_biases, layer in CASES:
        random = np.random.Generator(np.random.PCG64(SEED))
        path = FOLDER / f"{name}.onnx"
        quantise(name, activations, per_channel, has_biases, path, random)
        model = onnx.load(str(path))
        x = random.random((PICTURES, 3, SIZE, SIZE), np.float32)
        plain, guided = (gradients(model, x, layer, is_guided) for is_guided in (False, True))
        level = onnxruntime.GraphOptimizationLevel
        found = {
            "seed": SEED,
            "class": CLASS,
            "layer": f"{layer}_DequantizeLinear_Output",
            "input": float32(x.transpose(0, 2, 3, 1)),
            "logits": float32(run_file(path, x, level.ORT_DISABLE_ALL)),
            "logitsOfIntegers": float32(run_file(path, x, level.ORT_ENABLE_ALL)),
            "activation": float32(plain["activation"]),
            "weights": float32(plain["layer"].mean((1, 2))),
            "plain": float32(plain["input"]),
            "guided": float32(guided["input"]),
        }
        write_json(FOLDER / f"{name}.json", found)
        print(path.name, path.stat().st_size, (FOLDER / f"{name}.json").stat().st_size, flush=True)
        assert path.stat().st_size < LIMIT
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/write_quantised_fixtures.py` (one command, from scratch) with PyTorch
{torch.__version__.split("+")[0]}, ONNX {onnx.__version__} and ONNX Runtime {onnxruntime.__version__}; seed {SEED}.
The nets are those of `tools/oracles/torch_nets.py` with random weights, calibrated on random pictures.
"""
    )


if __name__ == "__main__":
    main()
