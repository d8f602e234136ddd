# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.*", "onnx", "onnxscript", "numpy"]
# ///
"""Writes packages/core/test/fixtures/onnx: nets as PyTorch's two exporters write them, and what autograd says.

    python tools/oracles/write_onnx_fixtures.py [net ..]

Values are float64, of a batch of two: PyTorch 2.13 on a CPU permutes the gradient of BatchNorm2d at batch 1
where the one behind it comes strided. Seeded: a second run gives the same weights and values.
"""

import sys
import warnings
from pathlib import Path

import torch
from torch import nn

from fixture_json import float32, write_json
from torch_nets import NETS

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/onnx"
SEED = 20170320
SIZE = 32
CLASS = 3
LIMIT = 200_000
POLICIES = ("plain", "guided")


def build(name):
    torch.manual_seed(SEED)
    net = NETS[name]()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)
        if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm2d)):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    return net.eval()


def input_gradient(net, x, policy):
    hooks = []
    if policy == "guided":
        clamp = lambda module, grads, _: tuple(g.clamp(min=0) for g in grads)
        hooks = [m.register_full_backward_hook(clamp) for m in net.modules() if isinstance(m, (nn.ReLU, nn.ReLU6))]
    x = x.clone().requires_grad_()
    score = scores(net(x))
    (gradient,) = torch.autograd.grad(score, x)
    for hook in hooks:
        hook.remove()
    return gradient


def scores(logits):
    return logits[:, CLASS].sum()


def expectations(net, layer):
    torch.manual_seed(SEED + 1)
    x = torch.rand(2, 3, SIZE, SIZE)
    net = net.double()
    inputs = x.double()
    kept = {}
    hook = net.get_submodule(layer).register_forward_hook(lambda m, i, out: kept.update(value=out))
    logits = net(inputs.clone().requires_grad_())
    (gradient,) = torch.autograd.grad(scores(logits), kept["value"])
    hook.remove()
    weights = gradient.mean((2, 3))
    activation = kept["value"].detach()
    found = {
        "seed": SEED,
        "layer": layer,
        "class": CLASS,
        "input": float32(nhwc(x)),
        "logits": float32(logits.detach().numpy()),
        "activation": float32(nhwc(activation)),
        "weights": float32(weights.numpy()),
        "map": float32((weights[:, :, None, None] * activation).sum(1).numpy()),
    }
    for policy in POLICIES:
        found[policy] = float32(nhwc(input_gradient(net, inputs, policy)))
    net.float()
    return found


def nhwc(value):
    return value.permute(0, 2, 3, 1).numpy()


def export(net, path, exporter, is_open):
    x = torch.zeros(1, 3, SIZE, SIZE)
    if exporter == "torchscript":
        axes = {"input": {0: "batch"}, "output": {0: "batch"}} if is_open else None
        torch.onnx.export(net, (x,), str(path), dynamo=False, opset_version=17, input_names=["input"],
                          output_names=["output"], dynamic_axes=axes)  # fmt: skip
    else:
        shapes = ({0: torch.export.Dim("batch")},) if is_open else None
        sample = torch.zeros(2, 3, SIZE, SIZE) if is_open else x
        program = torch.onnx.export(net, (sample,), dynamo=True, dynamic_shapes=shapes, verbose=False)
        program.save(str(path), external_data=False)
    strip(path)
    size = path.stat().st_size
    if size > LIMIT:
        sys.exit(f"{path.name} has {size} bytes, the limit is {LIMIT}")


def strip(path):
    """Leaves out what exporters write of the machine that they ran on."""
    import onnx

    model = onnx.load(str(path))
    for node in model.graph.node:
        node.doc_string = ""
        kept = [p for p in node.metadata_props if p.key in ("pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy")]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
    onnx.save(model, str(path))


def write_external():
    """Writes the first net once more, with its weights in a file of their own."""
    import onnx

    folder = FOLDER / "external"
    folder.mkdir(exist_ok=True)
    (folder / "resnet.onnx.data").unlink(missing_ok=True)
    onnx.save_model(
        onnx.load(str(FOLDER / "resnet.torchscript-open.onnx")),
        str(folder / "resnet.onnx"),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="resnet.onnx.data",
        size_threshold=0,
    )


def main():
    warnings.filterwarnings("ignore")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or NETS:
        net = build(name)
        layer = type(net).layer
        found = expectations(net, layer)
        # A map at an image says more of a reader than one at tokens, which is what `auto` means there.
        found["auto"] = getattr(type(net), "auto", layer)
        write_json(FOLDER / f"{name}.json", found)
        for exporter in ("torchscript", "dynamo"):
            for is_open in (True, False):
                kind = "open" if is_open else "fixed"
                # All combinations for one net; elsewhere what the exporters do by default, or are asked for.
                if name != "resnet" and (exporter == "torchscript") != is_open:
                    continue
                path = FOLDER / f"{name}.{exporter}-{kind}.onnx"
                try:
                    export(net, path, exporter, is_open)
                    print(path.name, path.stat().st_size, flush=True)
                except Exception as error:
                    print(path.name, "NOT WRITTEN", str(error).splitlines()[:3], flush=True)
    write_external()


if __name__ == "__main__":
    main()
