"""PyTorch's two exporters of ONNX files, for a fixed batch of one and for an open one."""

import contextlib
import io
import logging

import torch


def export(net, path, exporter, is_open, size):
    """Writes the net as an ONNX file. Raises what the exporter raises."""
    logging.disable(logging.WARNING)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), torch.no_grad():
        if exporter == "torchscript":
            export_torchscript(net, path, is_open, torch.rand(1, 3, size, size))
        else:
            export_dynamo(net, path, is_open, size)


def export_torchscript(net, path, is_open, sample):
    axes = {"input": {0: "batch"}, "output": {0: "batch"}} if is_open else None
    torch.onnx.export(net, (sample,), str(path), dynamo=False, opset_version=17, input_names=["input"],
                      output_names=["output"], dynamic_axes=axes)  # fmt: skip


def export_dynamo(net, path, is_open, size):
    shapes = ({0: torch.export.Dim("batch")},) if is_open else None
    sample = torch.rand(2 if is_open else 1, 3, size, size)
    program = torch.onnx.export(net, (sample,), dynamo=True, dynamic_shapes=shapes, verbose=False)
    program.save(str(path), external_data=False)
