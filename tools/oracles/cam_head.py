# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""The CAM of a real MobileNet's linear head, worked out without any of this project's code.

    python tools/oracles/cam_head.py SHARED_DATA [--image FILE] [--classes 242,282] [--json]

SHARED_DATA holds mobilenet_v1_0.25_224/ (a tfjs LayersModel), images/ and imagenet_synset_labels.txt.
The net ends in global average pooling and one 1x1 convolution, so the class's own weights times the
last activations are its CAM, and Grad-CAM must be that divided by the number of cells. Float64.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import json
from pathlib import Path

import numpy as np
import tensorflow as tf

LAST_ACTIVATION = "conv_pw_13_relu"
HEAD = "conv_preds"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--image", type=Path, help="224x224; default: images/cat_dog.png")
    parser.add_argument("--classes", default="242,282")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = options.data / "mobilenet_v1_0.25_224"
    image = options.image or options.data / "images/cat_dog.png"
    names = (options.data / "imagenet_synset_labels.txt").read_text().splitlines()
    layers, weights = read_layers_model(folder)
    pixels = tf.io.decode_image(image.read_bytes(), channels=3).numpy()
    x = pixels[None].astype(np.float64) / 127.5 - 1

    wanted = [int(index) for index in options.classes.split(",")]
    with tf.GradientTape(persistent=True) as tape:
        x = tf.constant(x)
        tape.watch(x)
        ends = run_chain(layers, weights, x)
        scores = {index: ends[HEAD][0, 0, 0, index] for index in wanted}
    activations = ends[LAST_ACTIVATION]
    logits = ends[HEAD].numpy()[0, 0, 0]
    probabilities = np.exp(logits - logits.max())
    probabilities /= probabilities.sum()
    top = np.argsort(-probabilities)[:5]
    report = {
        "predictions": [
            {
                "index": int(i),
                "label": names[i],
                "probability": float(probabilities[i]),
                "logit": float(logits[i]),
            }
            for i in top
        ],
        "maps": [],
    }
    for index in wanted:
        head = weights[f"{HEAD}/kernel"][0, 0, :, index].astype(np.float64)
        cam = activations.numpy()[0] @ head
        gradient = tape.gradient(scores[index], activations).numpy()[0]
        grad_cam = (activations.numpy()[0] * gradient.mean((0, 1))).sum(-1)
        if not np.allclose(grad_cam * cam.size, cam, rtol=1e-9, atol=1e-9):
            raise SystemExit(f"class {index}: Grad-CAM is not CAM / {cam.size}")
        row, column = np.unravel_index(cam.argmax(), cam.shape)
        report["maps"].append(
            {
                "index": index,
                "label": names[index],
                "cam": np.round(cam, 6).tolist(),
                "peak": {"row": int(row), "column": int(column)},
                "gradCamPeakValue": float(grad_cam.max()),
            }
        )
    print(json.dumps(report, indent=1) if options.json else as_text(report))


def as_text(report):
    lines = [
        f"{p['probability']:.6f}  {p['logit']:9.5f}  {p['index']:4d}  {p['label']}"
        for p in report["predictions"]
    ]
    for entry in report["maps"]:
        peak = entry["peak"]
        lines += [
            "",
            f"CAM of {entry['index']} {entry['label']}: peak row {peak['row']} column {peak['column']}",
        ]
        lines += [" ".join(f"{value:8.3f}" for value in row) for row in entry["cam"]]
    return "\n".join(lines)


def read_layers_model(folder):
    """The layers of a chain in order, and its weights as float32 arrays by name."""
    model = json.loads((folder / "model.json").read_text())
    topology = model["modelTopology"]
    layers = topology.get("model_config", topology)["config"]["layers"]
    weights = {}
    for group in model["weightsManifest"]:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        offset = 0
        for entry in group["weights"]:
            count = int(np.prod(entry["shape"]))
            array = np.frombuffer(data, "<f4", count, offset)
            weights[entry["name"]] = array.reshape(entry["shape"])
            offset += 4 * count
    return layers, weights


def run_chain(layers, weights, x):
    """Every layer's output by name. Only what this net needs, each as its Keras layer defines it."""
    ends = {}
    for layer in layers:
        kind, config = layer["class_name"], layer["config"]
        name = config["name"]
        w = lambda part: tf.constant(weights[f"{name}/{part}"], tf.float64)
        if kind == "Conv2D":
            x = tf.nn.conv2d(x, w("kernel"), config["strides"], config["padding"].upper())
            x = x + w("bias") if config["use_bias"] else x
        elif kind == "DepthwiseConv2D":
            strides = [1, *config["strides"], 1]
            x = tf.nn.depthwise_conv2d(x, w("depthwise_kernel"), strides, config["padding"].upper())
        elif kind == "BatchNormalization":
            parts = [w(part) for part in ("moving_mean", "moving_variance", "beta", "gamma")]
            x = tf.nn.batch_normalization(x, *parts, config["epsilon"])
        elif kind == "ReLU":
            x = tf.clip_by_value(x, 0, config["max_value"])
        elif kind == "GlobalAveragePooling2D":
            x = tf.reduce_mean(x, [1, 2])
        elif kind == "Reshape":
            x = tf.reshape(x, [1, *config["target_shape"]])
        elif kind == "Activation" and config["activation"] == "softmax":
            x = tf.nn.softmax(x)
        elif kind != "InputLayer":
            raise SystemExit(f"{name}: this script does not know {kind}")
        ends[name] = x
    return ends


if __name__ == "__main__":
    main()
