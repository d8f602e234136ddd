# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "transformers==5.18.0", "onnx==1.23.1", "onnxscript==0.7.2", "pillow", "torchvision"]
# ///
"""Writes a small image classifier in the folder layout of Hugging Face's hub, and what transformers
says of a picture.

    python tools/oracles/write_hugging_face.py

packages/core/test/fixtures/hugging-face
    config.json, preprocessor_config.json   as `save_pretrained` writes them
    onnx/model.onnx                         as `torch.onnx.export` writes it
    expected.json                           logits of demo/scenes/cat-and-dog.png, float64
"""

import json
from pathlib import Path

import torch
from PIL import Image
from transformers import ResNetConfig, ResNetForImageClassification, ViTImageProcessor

from write_onnx_fixtures import strip

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "packages/core/test/fixtures/hugging-face"
SCENE = "demo/scenes/cat-and-dog.png"
NAMES = ["cat", "dog", "car", "bicycle", "bird"]


class Logits(torch.nn.Module):
    """transformers answers with an object; a file of the exporter has plain outputs."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values=pixel_values).logits


def main():
    torch.manual_seed(7)
    config = ResNetConfig(
        embedding_size=8,
        hidden_sizes=[12, 16],
        depths=[1, 1],
        layer_type="basic",
        id2label=dict(enumerate(NAMES)),
        label2id={name: i for i, name in enumerate(NAMES)},
    )
    model = ResNetForImageClassification(config).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    processor = ViTImageProcessor(
        size={"height": 64, "width": 64},
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )
    config.save_pretrained(FOLDER)
    processor.save_pretrained(FOLDER)
    (FOLDER / "onnx").mkdir(exist_ok=True)
    path = FOLDER / "onnx" / "model.onnx"
    torch.onnx.export(
        Logits(model).eval(),
        (torch.zeros(1, 3, 64, 64),),
        path,
        input_names=["pixel_values"],
        output_names=["logits"],
        dynamic_axes={"pixel_values": {0: "batch"}, "logits": {0: "batch"}},
        dynamo=False,
    )
    strip(path)
    pixels = processor(Image.open(ROOT / SCENE).convert("RGB"), return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        logits = model.double()(pixels.double()).logits[0].tolist()
    expected = {"image": SCENE, "labels": NAMES, "logits": logits}
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
    print(path.stat().st_size, "bytes", logits)


if __name__ == "__main__":
    main()
