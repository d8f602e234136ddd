# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "pillow==12.3.0"]
# ///
"""Writes packages/core/test/fixtures/fixations: CNN-Fixations of small nets and of the demo nets.

python tools/oracles/fixation_cases.py [MODELS] [DATA]

MODELS holds the converted demo nets, as `gradcam convert` writes them. DATA is a folder with points that the authors'
program found (`fixations/`); the rules are compared with them, and nothing is written from it.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from fixation_rules import Net, heatmap, without_outliers
from fixture_json import float32, write_json

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "packages/core/test/fixtures/fixations"
SEED = 1708
# A choice between two contributions that are nearer than this, as a share of the largest, could hang on the
# rounding of float32.
LEAST_MARGIN = 1e-4


def main():
    models, data = [Path(argument) for argument in sys.argv[1:3]] + [None] * (3 - len(sys.argv))
    if data is not None:
        check(data)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, build in (("vgg", vgg), ("residual", residual), ("joined", joined)):
        write_json(FOLDER / f"{name}.json", case(name, build))
    if models is not None:
        write_json(FOLDER / "demo.json", {n: demo(models, n) for n in DEMO})
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/fixation_cases.py` (one command) with NumPy {np.__version__}; seed {SEED} and the first one
behind it whose choices do not hang on rounding. `fixation_rules.py` computes the nets in float64 and walks back from the
score one point at a time. The same file finds every point that the authors' program val-iisc/cnn-fixations finds on a
VGG-like and a ResNet-like net, layer by layer. Arrays are base64 of little-endian float32.
"""
    )


# The nets, as Keras layers.


class Builder:
    def __init__(self, seed):
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.layers, self.weights, self.last = [], {}, None

    def add(self, kind, name, inputs=None, weights=None, **config):
        sources = [self.last] if inputs is None and self.last else inputs or []
        calls = [[[one, 0, 0, {}] for one in sources]] if sources else []
        self.layers.append({"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": calls})
        self.weights |= {f"{name}/{k}": np.float32(v) for k, v in (weights or {}).items()}
        self.last = name
        return name

    def input(self, *shape):
        self.add("InputLayer", "image", batch_input_shape=[None, *shape])

    def drawn(self, *shape):
        return self.random.normal(0, 1.6 / np.sqrt(np.prod(shape[:-1])), shape)

    def conv(self, name, given, count, size=3, inputs=None, groups=1, activation="linear", **config):
        kernel = self.drawn(size, size, given // groups, count)
        config = {"strides": [1, 1], "dilation_rate": [1, 1], "padding": "same", **config}
        weights = {"kernel": kernel, "bias": self.random.normal(0, 0.1, count)}
        more = {"groups": groups} if groups > 1 else {}
        return self.add("Conv2D", name, inputs, weights, filters=count, kernel_size=[size, size], use_bias=True, activation=activation, **config, **more)

    def depthwise(self, name, given, strides=(1, 1)):
        weights = {"depthwise_kernel": self.random.normal(0, 0.5, (3, 3, given, 1))}
        return self.add("DepthwiseConv2D", name, None, weights, kernel_size=[3, 3], strides=list(strides), padding="same", depth_multiplier=1, use_bias=False, activation="linear")

    def norm(self, name, count):
        weights = {
            "gamma": self.random.choice([-1, 1], count, p=[0.3, 0.7]) * self.random.uniform(0.5, 1.5, count),
            "beta": self.random.normal(0, 0.3, count),
            "moving_mean": self.random.normal(0, 0.2, count),
            "moving_variance": self.random.uniform(0.3, 1.5, count),
        }
        return self.add("BatchNormalization", name, None, weights, epsilon=1e-3, axis=-1)

    def relu(self, name):
        return self.add("Activation", name, activation="relu")

    def pool(self, kind, name, size, stride, padding="valid", inputs=None):
        return self.add(f"{kind}Pooling2D", name, inputs, pool_size=[size, size], strides=[stride, stride], padding=padding)

    def dense(self, name, given, count, activation="linear"):
        weights = {"kernel": self.drawn(given, count), "bias": self.random.normal(0, 0.1, count)}
        return self.add("Dense", name, None, weights, units=count, use_bias=True, activation=activation)

    def config(self, name):
        return {"name": name, "layers": self.layers, "input_layers": [["image", 0, 0]], "output_layers": [[self.last, 0, 0]]}


def vgg(b):
    b.input(24, 20, 3)
    b.conv("conv1_1", 3, 6, activation="relu")
    b.conv("conv1_2", 6, 6, activation="relu")
    b.pool("Max", "pool1", 2, 2)
    b.conv("conv2_1", 6, 8, activation="relu", dilation_rate=[2, 2])
    b.conv("conv2_2", 8, 8, activation="relu")
    b.pool("Max", "pool2", 2, 2)
    b.add("Flatten", "flat")
    b.dense("fc1", 6 * 5 * 8, 12, "relu")
    b.add("Dropout", "drop", rate=0.5)
    b.dense("fc2", 12, 10, "relu")
    b.dense("fc3", 10, 4, "softmax")


def residual(b):
    b.input(33, 29, 3)
    b.add("ZeroPadding2D", "pad", padding=[[3, 3], [3, 3]])
    b.conv("conv1", 3, 8, 7, strides=[2, 2], padding="valid")
    b.norm("bn1", 8), b.relu("relu1")
    start = b.pool("Max", "pool1", 3, 2, "same")
    given = 8
    # A projection, an identity, a block with strides, a block of two convolutions after a normalisation.
    for k, (count, stride) in enumerate(((12, 1), (12, 1), (16, 2))):
        b.conv(f"b{k}a", given, 6, 1, inputs=[start]), b.norm(f"b{k}a_bn", 6), b.relu(f"b{k}a_relu")
        b.conv(f"b{k}b", 6, 6, strides=[stride, stride]), b.norm(f"b{k}b_bn", 6), b.relu(f"b{k}b_relu")
        b.conv(f"b{k}c", 6, count, 1)
        branch = b.norm(f"b{k}c_bn", count)
        beside = start
        if given != count or stride > 1:
            b.conv(f"b{k}s", given, count, 1, inputs=[start], strides=[stride, stride])
            beside = b.norm(f"b{k}s_bn", count)
        b.add("Add", f"b{k}_add", [beside, branch])
        start, given = b.relu(f"b{k}_out"), count
    b.norm("pre_bn", 16), b.relu("pre_relu")
    b.conv("b3a", 16, 16), b.relu("b3a_relu")
    branch = b.conv("b3b", 16, 16)
    b.add("Add", "b3_add", [branch, start])
    b.norm("post_bn", 16), b.relu("post_relu")
    b.add("GlobalAveragePooling2D", "mean")
    b.dense("scores", 16, 5)


def joined(b):
    b.input(26, 30, 3)
    stem = b.conv("stem", 3, 8, strides=[2, 2], activation="relu")
    one = b.conv("one", 8, 4, 1, activation="relu")
    b.conv("three_reduce", 8, 4, 1, inputs=[stem], activation="relu")
    three = b.conv("three", 4, 5, activation="relu")
    b.conv("five_reduce", 8, 3, 1, inputs=[stem], activation="relu")
    five = b.conv("five", 3, 4, 5, activation="relu")
    b.pool("Max", "side_pool", 3, 1, "same", inputs=[stem])
    side = b.conv("side", 8, 3, 1, activation="relu")
    before = b.add("Concatenate", "inception", [one, three, five, side], axis=-1)
    b.norm("dense_bn", 16), b.relu("dense_relu")
    grown = b.conv("dense_conv", 16, 8)
    b.add("Concatenate", "dense_block", [before, grown], axis=-1)
    b.norm("transition_bn", 24), b.relu("transition_relu")
    b.pool("Average", "transition_pool", 2, 2)
    b.depthwise("depthwise", 24, (2, 2)), b.norm("depthwise_bn", 24)
    b.add("ReLU", "depthwise_relu", max_value=6.0)
    b.conv("grouped", 24, 12, groups=3, activation="relu")
    b.add("GlobalAveragePooling2D", "mean")
    b.dense("scores", 12, 4)


def case(name, build):
    for seed in range(SEED, SEED + 200):
        b = Builder(seed)
        build(b)
        net = Net(b.config(name), b.weights)
        size = net.layers["image"]["config"]["batch_input_shape"][1:]
        picture = np.float32(b.random.normal(0, 1, size))
        scores = net.run(picture)
        found = [points_of(net, [k], size[:2]) for k in range(len(scores))]
        used = [len(one["points"]) for one in found]
        if min(one.pop("margin") for one in found) > LEAST_MARGIN and min(used) > 2 and max(used) > 6:
            print(f"{name}: seed {seed}, points {used}")
            return {
                "topology": {"class_name": "Functional", "config": b.config(name)},
                "weights": {k: float32(v) for k, v in b.weights.items()},
                "input": float32(picture[None]),
                "logits": float32(scores),
                "classes": found,
            }
    raise SystemExit(f"{name}: no seed without close choices")


def points_of(net, classes, size):
    points = net.unravel(classes)
    kept = without_outliers(points, size)
    return {"margin": net.margin, "points": points, "kept": kept, "map": float32(heatmap(kept, size))}


# The demo nets.

DEMO = ("demo-vgg", "demo-resnet")
SCENES = ("cat-and-dog-128", "parade-128")


def read_tfjs(folder):
    model = json.loads((folder / "model.json").read_text())
    weights = {}
    for group in model["weightsManifest"]:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        offset = 0
        for one in group["weights"]:
            count = int(np.prod(one["shape"]))
            quantised = one.get("quantization")
            dtype = np.dtype(quantised["dtype"] if quantised else one["dtype"])
            values = np.frombuffer(data, dtype, count, offset).reshape(one["shape"])
            offset += count * dtype.itemsize
            if quantised and dtype.kind == "u":
                values = values * quantised["scale"] + quantised["min"]
            weights[one["name"]] = values
    return model, weights


def demo(models, name):
    model, weights = read_tfjs(models / name)
    net = Net(model["modelTopology"]["model_config"]["config"], weights)
    about = model["userDefinedMetadata"]["gradcam"]["input"]
    found = {}
    for scene in SCENES:
        pixels = np.asarray(Image.open(ROOT / f"demo/scenes/{scene}.png").convert("RGB"), np.float64)
        if about["channelOrder"] == "bgr":
            pixels = pixels[..., ::-1]
        scores = net.run((pixels * about["scale"] - about["mean"]) / about["std"])
        best = np.argsort(-scores)[:2]
        found[scene] = {}
        for k in map(int, best):
            result = points_of(net, [k], pixels.shape[:2])
            print(f"{name} {scene} {k}: {len(result['points'])} points, margin {result['margin']:.1e}")
            found[scene][k] = {"points": result["points"], "kept": result["kept"]}
    return found


# The authors' own points.


def check(data):
    folder = data / "fixations"
    model, weights = read_tfjs(data / "models/vggflat")
    net = Net(model["modelTopology"]["model_config"]["config"], weights)
    about = json.loads((folder / "vggflat-a0.json").read_text())
    pixels = np.asarray(Image.open(data / "images" / about["image"]).convert("RGB"), np.float64)
    net.run(pixels / 127.5 - 1)
    points = net.unravel([about["class"]])
    assert points == [tuple(p) for p in about["points"]], (points, about["points"])
    map_ = heatmap(without_outliers(points, pixels.shape[:2]), pixels.shape[:2])
    theirs = np.load(folder / "vggflat-a0-heat.npy")
    print("vggflat: points equal, map differs by", np.abs(map_ / map_.max() * 255 - theirs).max(), "of 255")

    about = json.loads((folder / "tinyres.json").read_text())
    p = np.load(folder / "tinyres-params.npz")
    b = Builder(0)
    b.input(64, 64, 3)

    def conv(layer, source=None, stride=1):
        kernel = p[layer].transpose(2, 3, 1, 0)
        pad = kernel.shape[0] // 2
        if stride > 1 and pad:
            b.add("ZeroPadding2D", f"{layer}_pad", padding=[[pad, pad], [pad, pad]])
        return b.add("Conv2D", layer, source and [source], {"kernel": kernel}, filters=kernel.shape[3], kernel_size=list(kernel.shape[:2]), strides=[stride, stride], dilation_rate=[1, 1], padding="valid" if stride > 1 and pad else "same", use_bias=False, activation="linear")

    conv("conv1", stride=2), b.relu("conv1_relu")
    start = b.pool("Max", "pool1", 3, 2, "same")
    for block, stride in (("res2a", 1), ("res2b", 1), ("res3a", 2), ("res3b1", 1)):
        beside = conv(f"{block}_branch1", start, stride) if f"{block}_branch1" in p else start
        conv(f"{block}_branch2a", start, stride), b.relu(f"{block}a_relu")
        conv(f"{block}_branch2b"), b.relu(f"{block}b_relu")
        b.add("Add", block, [beside, conv(f"{block}_branch2c")])
        start = b.relu(f"{block}_relu")
    b.add("GlobalAveragePooling2D", "mean")
    b.add("Dense", "fc1000", None, {"kernel": p["fc1000"].T}, units=5, use_bias=False, activation="linear")
    net = Net(b.config("tinyres"), b.weights)
    pixels = np.asarray(Image.open(data / "images" / about["image"]).convert("RGB"), np.float64)
    scores = net.run(pixels / 127.5 - 1)
    ends = sorted((y, x) for _, y, x in about["trace"][-1])
    matching = [k for k in range(5) if net.unravel([k]) == ends]
    print("tinyres: scores", scores.round(3), "authors' points are those of class", matching)
    assert matching == [int(np.argmax(scores))]


if __name__ == "__main__":
    main()
