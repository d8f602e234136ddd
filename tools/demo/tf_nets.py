"""The exported nets in plain tf.nn operations, read from the files themselves: no code is shared
with training, so an error of the export cannot hide."""

import json
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

DEMO = Path(__file__).parents[2] / "demo"
ARCHITECTURE = json.loads((DEMO / "architecture.json").read_text())


def conv2d_same(x, weights, stride):
    """TF-slim's: symmetric padding in front of a strided convolution."""
    if stride > 1:
        pad = (weights.shape[0] - 1) // 2
        rest = weights.shape[0] - 1 - pad
        x = tf.pad(x, [[0, 0], [pad, rest], [pad, rest], [0, 0]])
    return tf.nn.conv2d(x, weights, stride, "VALID" if stride > 1 else "SAME")


class Resnet:
    name = "demo-resnet"

    def __init__(self, dtype):
        self.spec = ARCHITECTURE[self.name]
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(DEMO / self.spec["file"]) as tar:
                tar.extractall(folder, filter="data")
            reader = tf.train.load_checkpoint(f"{folder}/{self.spec['member']}")
            names = reader.get_variable_to_shape_map()
            self.tensors = {
                name: reader.get_tensor(name).astype(dtype)
                for name in names
                if name != "global_step"
            }

    def conv(self, name, x, stride=1):
        at = lambda part: self.tensors[f"{self.spec['scope']}/{name}/{part}"]
        x = conv2d_same(x, at("weights"), stride)
        norm = [at(f"BatchNorm/{p}") for p in ("moving_mean", "moving_variance", "beta", "gamma")]
        return tf.nn.batch_normalization(x, *norm, self.spec["batchNormEpsilon"])

    def unit(self, name, x, stride):
        name = f"{name}/bottleneck_v1"
        if f"{self.spec['scope']}/{name}/shortcut/weights" in self.tensors:
            shortcut = self.conv(f"{name}/shortcut", x, stride)
        else:
            shortcut = tf.nn.max_pool2d(x, 1, stride, "SAME")
        y = tf.nn.relu(self.conv(f"{name}/conv1", x))
        y = tf.nn.relu(self.conv(f"{name}/conv2", y, stride))
        return tf.nn.relu(shortcut + self.conv(f"{name}/conv3", y))

    def features(self, x):
        x = tf.nn.relu(self.conv("conv1", x, 2))
        x = tf.nn.max_pool2d(x, 3, 2, "SAME")
        for block in self.spec["blocks"]:
            for i in range(1, block["units"] + 1):
                stride = block["stride"] if i == block["units"] else 1
                x = self.unit(f"{block['name']}/unit_{i}", x, stride)
        return x

    def head(self, x):
        scope = self.spec["scope"]
        x = tf.reduce_mean(x, [1, 2], keepdims=True)
        x = tf.nn.conv2d(x, self.tensors[f"{scope}/logits/weights"], 1, "VALID")
        return tf.squeeze(x + self.tensors[f"{scope}/logits/biases"], [1, 2])


class Vgg:
    name = "demo-vgg"

    def __init__(self, dtype):
        self.spec = ARCHITECTURE[self.name]
        saved = np.load(DEMO / self.spec["file"], encoding="latin1", allow_pickle=True).item()
        self.layers = {name: [a.astype(dtype) for a in pair] for name, pair in saved.items()}

    def features(self, x):
        for s, stage in enumerate(self.spec["stages"], 1):
            if s > 1:
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
            for i in range(1, len(stage) + 1):
                weights, biases = self.layers[f"conv{s}_{i}"]
                x = tf.nn.relu(tf.nn.conv2d(x, weights, 1, "SAME") + biases)
        return x

    def head(self, x):
        x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        x = tf.reshape(x, [x.shape[0], -1])
        for name in ("fc6", "fc7", "fc8"):
            weights, biases = self.layers[name]
            x = x @ weights + biases
            x = x if name == "fc8" else tf.nn.relu(x)
        return x


NETS = {net.name: net for net in (Resnet, Vgg)}


def preprocess(spec, pixels, dtype):
    """RGB bytes to what the net wants: mean off, channels turned for BGR, no division."""
    x = np.asarray(pixels).astype(dtype)
    if spec["channelOrder"] == "bgr":
        x = x[..., ::-1]
    return tf.constant(x - np.asarray(spec["mean"], dtype))


def grad_cams(net, pixels, dtype):
    """Logits [n,k] and the raw Grad-CAM maps [n,k,h,w] of every class's logit at the default
    endpoint: sum over channels of mean gradient times activation, before any ReLU."""
    features = net.features(preprocess(net.spec, pixels, dtype))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(features)
        logits = net.head(features)
        each = tf.unstack(logits, axis=1)
    maps = []
    for logit in each:
        weights = tf.reduce_mean(tape.gradient(logit, features), [1, 2], keepdims=True)
        maps.append(tf.reduce_sum(weights * features, -1))
    return logits.numpy(), tf.stack(maps, 1).numpy()
