# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.13.0", "onnx==1.23.1", "onnxscript==0.7.2", "onnxruntime==1.30.0"]
# ///
"""Writes the net for captions as a file of ONNX, with its description beside it.

    python tools/demo/export_caption.py <weights>

demo/words/caption/demo-caption.onnx, demo/words/caption/gradcam.json
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from export_onnx import without_traces
from words_decoder import LAYER, CaptionNet, Captions
from words_language import CAPTION_LENGTH, text_block
from words_nets import MEAN, Encoder, load

TARGET = Path(__file__).parents[2] / "demo" / "words" / "caption"


def main(weights):
    TARGET.mkdir(parents=True, exist_ok=True)
    nets = load(torch.nn.ModuleDict({"encoder": Encoder(), "captions": Captions()}), weights / "caption.npz")
    net = CaptionNet(nets["encoder"], nets["captions"]).eval()
    path = TARGET / "demo-caption.onnx"
    batch = torch.export.Dim("batch")
    torch.onnx.export(
        net,
        (torch.zeros(2, 3, 128, 128), torch.zeros(2, CAPTION_LENGTH, dtype=torch.long)),
        path,
        dynamo=True,
        external_data=False,
        input_names=["image", "caption"],
        output_names=["logits"],
        dynamic_shapes={"image": {0: batch}, "caption": {0: batch}},
    )
    without_traces(path)

    # The file computes what the net does, and its weights have the names by which they are found again.
    rng = np.random.default_rng(1)
    image = rng.uniform(-100, 150, (3, 3, 128, 128)).astype(np.float32)
    tokens = rng.integers(0, 40, (3, CAPTION_LENGTH))
    session = onnxruntime.InferenceSession(path)
    (from_file,) = session.run(None, {"image": image, "caption": tokens})
    again = CaptionNet(Encoder(), Captions()).load_onnx(path).eval()
    with torch.no_grad():
        expected = again(torch.from_numpy(image), torch.from_numpy(tokens)).numpy()
    np.testing.assert_allclose(from_file, expected, rtol=1e-3, atol=1e-3)

    description = {
        "schema": 1,
        "imageInput": "image",
        "input": {"channelOrder": "rgb", "fit": "crop", "scale": 1, "mean": MEAN, "std": [1, 1, 1]},
        "defaultEndpoint": LAYER,
        "text": text_block("caption"),
    }
    (TARGET / "gradcam.json").write_text(json.dumps(description, indent=2) + "\n")
    content = path.read_bytes()
    print(path.name, f"{len(content):,} bytes, sha256", hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
