# /// script
# requires-python = ">=3.11"
# dependencies = ["tensorflow==2.21.0", "keras==3.15.1", "numpy"]
# ///
"""Random Keras nets as tfjs LayersModels of several writers, with TensorFlow's output and input gradient.

    python random_models.py <folder> [--count 200] [--seed 1]

Each net is drawn from the layers, operators and attributes that people's image models are made of. Keras
computes it; its JSON is written as Keras 3 or, rewritten, as Keras 2 has it, and its weights are named in one of
the ways that converters and sessions name them. A folder for each net: model.json, weights.bin, expected.json.
"""

import argparse
import json
import os
import pathlib
import random

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # Eigen's kernels: the same sums everywhere

import keras
import numpy as np
import tensorflow as tf

from fixture_json import float32
from layers_model_files import as_keras2, flat_layers, weight_name

L = keras.layers
LEAST_GRADIENT = 1e-3

BOTH = ["relu", "elu", "selu", "tanh", "sigmoid", "softplus", "softsign", "swish", "gelu", "mish"]
BOTH += ["relu6", "leaky_relu", "exponential", "log_softmax", "linear"]
ONLY_3 = ["hard_sigmoid", "hard_silu", "celu", "hard_tanh", "tanh_shrink", "soft_shrink"]
ONLY_3 += ["hard_shrink", "squareplus", "log_sigmoid", "sparse_sigmoid"]


class Draw:
    """One net: what is drawn, and the names that are taken."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.form = self.random.choice(["keras2", "keras3"])
        self.counts = {}

    def name(self, stem):
        n = self.counts.get(stem, 0)
        self.counts[stem] = n + 1
        return f"{stem}_{n}" if n else stem

    def activation(self):
        return self.random.choice(BOTH + (ONLY_3 if self.form == "keras3" else []))

    def pick(self, *values):
        return self.random.choice(values)


def preprocess(d, x):
    """What stands before the first convolution; the input is 0..1."""
    channels = x.shape[-1]
    kind = d.pick("none", "rescaling", "normalization", "minus-one", "per-channel", "reversed", "stacked")
    if kind == "rescaling":
        return L.Rescaling(2.0, offset=-1.0, name=d.name("rescaling"))(x)
    if kind == "normalization":
        mean = [0.4 + 0.1 * c for c in range(channels)]
        return L.Normalization(mean=mean, variance=[0.3] * channels, name=d.name("normalization"))(x)
    if kind == "minus-one":
        return x / 0.5 - 1.0
    if kind == "per-channel" and d.form == "keras3":
        return (x + np.array([[[[-0.4] * channels]]], "float32")) / np.full(channels, 0.3, "float32")
    if kind == "reversed" and channels == 3:
        return x[..., ::-1]
    if kind == "stacked" and channels == 3 and d.form == "keras3":
        return keras.ops.stack([x[..., 2], x[..., 1], 1.0 - x[..., 0]], axis=-1)
    return x


def block(d, x, depth=0):
    h, w, c = x.shape[1:]
    kinds = ["conv", "conv", "separable", "depthwise", "transpose", "norm", "activation", "pool", "pad"]
    kinds += ["upsample", "resize", "residual", "gate", "branches", "permute", "drop", "augment"]
    if depth == 0:
        kinds += ["functional", "sequential"]
    kind = d.random.choice(kinds)
    same = d.pick("same", "valid") if min(h, w) > 6 else "same"
    filters = d.pick(2, 3, 4)
    if kind == "conv":
        stride, dilation = d.pick((1, 1), (2, 1), (1, 2))
        groups = 2 if c % 2 == 0 and filters % 2 == 0 and d.random.random() < 0.3 else 1
        return L.Conv2D(filters, d.pick(1, 3, (2, 3)), stride, same, dilation_rate=dilation if same == "same" else 1,
                        groups=groups, activation=d.activation(), use_bias=d.pick(True, False), name=d.name("conv2d"))(x)
    if kind == "separable":
        return L.SeparableConv2D(filters, 3, padding=same, depth_multiplier=d.pick(1, 2), activation=d.activation(),
                                 name=d.name("separable_conv2d"))(x)
    if kind == "depthwise":
        stride, dilation = d.pick((1, 1), (2, 1), (1, 2))
        return L.DepthwiseConv2D(3, stride, "same", depth_multiplier=d.pick(1, 2) if c < 4 else 1,
                                 dilation_rate=dilation, activation=d.activation(), name=d.name("depthwise_conv2d"))(x)
    if kind == "transpose" and h < 20:
        return L.Conv2DTranspose(filters, d.pick(2, 3), 2, d.pick("same", "valid"), activation=d.activation(),
                                 name=d.name("conv2d_transpose"))(x)
    if kind == "norm":
        kinds = ["batch", "layer", "unit", "group"] + (["rms"] if d.form == "keras3" else [])
        kind = d.random.choice(kinds)
        if kind == "batch":
            return L.BatchNormalization(name=d.name("batch_normalization"), scale=d.pick(True, False))(x)
        if kind == "unit":
            return L.UnitNormalization(axis=d.pick(-1, 3), name=d.name("unit_normalization"))(x)
        if kind == "rms":
            return L.RMSNormalization(name=d.name("rms_normalization"))(x)
        if kind == "group":
            return L.GroupNormalization(d.pick(1, -1), name=d.name("group_normalization"))(x)
        return L.LayerNormalization(name=d.name("layer_normalization"))(x)
    if kind == "activation":
        kind = d.pick("activation", "relu", "thresholded", "leaky", "elu", "prelu", "softmax")
        if kind == "relu":
            return L.ReLU(max_value=d.pick(None, 1.5), negative_slope=d.pick(0.0, 0.1), name=d.name("re_lu"))(x)
        if kind == "thresholded":
            return L.ReLU(threshold=0.2, max_value=d.pick(None, 1.5), negative_slope=d.pick(0.0, 0.1),
                          name=d.name("re_lu"))(x)
        if kind == "leaky":
            return L.LeakyReLU(d.pick(0.3, 0.05), name=d.name("leaky_re_lu"))(x)
        if kind == "elu":
            return L.ELU(d.pick(1.0, 0.5), name=d.name("elu"))(x)
        if kind == "prelu":
            return L.PReLU(shared_axes=d.pick(None, [1, 2]), name=d.name("p_re_lu"))(x)
        if kind == "softmax":
            return L.Softmax(d.pick(-1, 1), name=d.name("softmax"))(x)
        return L.Activation(d.activation(), name=d.name("activation"))(x)
    if kind == "pool" and min(h, w) > 3:
        layer = d.pick(L.MaxPooling2D, L.AveragePooling2D)
        return layer(d.pick(2, 3), d.pick(1, 2), d.pick("same", "valid"), name=d.name("pooling2d"))(x)
    if kind == "pad":
        x = L.ZeroPadding2D(((1, 0), (0, 2)), name=d.name("zero_padding2d"))(x)
        return L.Cropping2D(((0, 1), (1, 0)), name=d.name("cropping2d"))(x) if d.pick(0, 1) else x
    if kind == "upsample" and h < 16:
        return L.UpSampling2D(d.pick(2, (1, 2)), interpolation=d.pick("nearest", "bilinear", "bicubic"),
                              name=d.name("up_sampling2d"))(x)
    if kind == "resize":
        if d.pick(0, 1) and min(h, w) > 6:
            return L.CenterCrop(h - 3, w - 2, name=d.name("center_crop"))(x)
        return L.Resizing(d.pick(7, 9, 12), d.pick(8, 11), d.pick("bilinear", "nearest", "bicubic"),
                          crop_to_aspect_ratio=d.pick(True, False), name=d.name("resizing"))(x)
    if kind == "residual":
        y = L.Conv2D(c, 3, padding="same", activation=d.activation(), name=d.name("conv2d"))(x)
        join = d.pick(L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum)
        return join(name=d.name("join"))([x, y])
    if kind == "gate":
        keep = d.pick(True, False)
        gate = L.GlobalAveragePooling2D(keepdims=keep, name=d.name("global_average_pooling2d"))(x)
        gate = L.Dense(c, activation="sigmoid", name=d.name("dense"))(gate)
        return L.Multiply(name=d.name("multiply"))([x, gate])
    if kind == "branches":
        a = L.Conv2D(2, 3, padding="same", activation=d.activation(), name=d.name("conv2d"))(x)
        b = L.AveragePooling2D(3, 1, "same", name=d.name("pooling2d"))(x)
        return L.Concatenate(axis=d.pick(-1, 3), name=d.name("concatenate"))([a, b])
    if kind == "permute":
        return L.Permute((2, 1, 3), name=d.name("permute"))(x)
    if kind == "drop":
        layer = d.pick(L.Dropout, L.SpatialDropout2D, L.GaussianNoise, L.GaussianDropout, L.AlphaDropout)
        return layer(0.3, name=d.name("dropout"))(x)
    if kind == "augment":
        flip = d.pick(L.RandomFlip("horizontal", name=d.name("random_flip")),
                      L.RandomRotation(0.1, name=d.name("random_rotation")),
                      L.RandomZoom(0.1, name=d.name("random_zoom")))
        return flip(x)
    if kind in ("functional", "sequential"):
        inner = keras.Input(x.shape[1:], name=d.name("inner_input"))
        if kind == "sequential":
            layers = [L.Conv2D(filters, 3, padding="same", activation=d.activation(), name=d.name("conv2d")),
                      L.BatchNormalization(name=d.name("batch_normalization"))]
            return keras.Sequential([inner, *layers], name=d.name("inner_sequential"))(x)
        y = block(d, block(d, inner, 1), 1)
        return keras.Model(inner, y, name=d.name("inner_model"))(x) if y is not inner else x
    return x


def head(d, x):
    h, w, c = x.shape[1:]
    kind = d.pick("average", "max", "flatten", "steps", "cells")
    if kind == "average":
        x = L.GlobalAveragePooling2D(name=d.name("global_average_pooling2d"))(x)
    elif kind == "max":
        x = L.GlobalMaxPooling2D(keepdims=d.pick(True, False), name=d.name("global_max_pooling2d"))(x)
        x = L.Flatten(name=d.name("flatten"))(x)
    elif kind == "flatten":
        x = L.Flatten(name=d.name("flatten"))(L.AveragePooling2D(2, padding="same", name=d.name("pooling2d"))(x))
    else:
        x = L.Reshape((-1, c), name=d.name("reshape"))(x)
        if kind == "cells":
            x = L.EinsumDense("abc,cd->abd", (None, 4), bias_axes="d", activation="tanh", name=d.name("einsum"))(x)
        x = d.pick(L.MaxPooling1D, L.AveragePooling1D)(2, padding="same", name=d.name("pooling1d"))(x)
        x = d.pick(L.GlobalAveragePooling1D, L.GlobalMaxPooling1D)(name=d.name("global_pooling1d"))(x)
    if d.pick(0, 1):
        x = L.Dense(5, activation=d.activation(), name=d.name("dense"))(x)
    final = d.pick("softmax", "softmax", "sigmoid", "linear")
    return L.Dense(d.pick(2, 3), activation=final, name=d.name("dense"))(x), final


def draw_net(seed):
    d = Draw(seed)
    h, w = d.pick(10, 12, 13), d.pick(10, 11, 14)
    shape = d.pick((h, w, 3), (h, w, 3), (h, w, 1), (h, w))
    image = keras.Input(shape, name="image")
    x = L.Reshape((h, w, 1), name="as_image")(image) if len(shape) == 2 else image
    x = preprocess(d, x)
    x = L.Conv2D(4, 3, padding="same", activation=d.activation(), name=d.name("conv2d"))(x)
    for _ in range(d.pick(2, 3, 4)):
        x = block(d, x)
    y, final = head(d, x)
    return d, keras.Model(image, y, name="net"), final


def set_weights(model, rng):
    for layer in flat_layers(model):
        for v in layer.weights:
            if v.dtype != "float32":
                continue
            positive = "variance" in v.name or v.name in ("gamma", "scale")
            low, high = (0.5, 1.5) if positive else (-1.0, 1.0)
            fan = np.sqrt(max(1, np.prod(v.shape[:-1]))) if len(v.shape) > 1 else 2.0
            values = rng.uniform(low, high, v.shape) * (1.0 if positive else 1.4 / fan)
            v.assign(values.astype("float32"))


def named_weights(model, naming):
    for layer in flat_layers(model):
        for v in layer.weights:
            if v.dtype == "float32":
                name = layer.name
                if naming == "numbered":
                    name += "_1"
                if naming == "prefixed":
                    name = f"{model.name}/{name}"
                if naming == "elsewhere":
                    name = f"sequential_7/{name}"
                yield f"{name}/{weight_name(layer, v)}", np.asarray(v)


FUNCTIONS = {"Add": "math.add", "Subtract": "math.subtract", "TrueDivide": "math.truediv", "Multiply": "math.multiply"}


def rewrite_operators(model):
    """Keras 3's operators as Keras 2 saved them, before the rest is rewritten."""
    operators = {}
    for layer in model["config"]["layers"]:
        if "layers" in layer["config"]:
            continue
        args = layer["inbound_nodes"][0]["args"] if layer["inbound_nodes"] else []
        if layer["class_name"] == "GetItem":
            operators[layer["name"]] = ("SlicingOpLambda", "__operators__.getitem", args)
        elif layer["class_name"] in FUNCTIONS and len(args) == 2:
            operators[layer["name"]] = ("TFOpLambda", FUNCTIONS[layer["class_name"]], args)
    return operators


def keras2_operator(layer, operator):
    class_name, function, (x, second) = operator
    source = x["config"]["keras_history"]
    if class_name == "SlicingOpLambda":
        options = {"slice_spec": [slice_of(one) for one in second]}
    else:
        options = {"y": second, "name": None}
    layer["class_name"] = class_name
    layer["config"] = {"name": layer["name"], "trainable": True, "dtype": "float32", "function": function}
    layer["inbound_nodes"] = [[*source, options]]


def slice_of(index):
    if isinstance(index, dict) and index["class_name"] == "__slice__":
        return index["config"]
    return {"class_name": "__ellipsis__"} if isinstance(index, dict) else index


def topology(model, form):
    config = json.loads(model.to_json())
    if form == "keras3":
        return config
    operators = rewrite_operators(config)
    for layer in config["config"]["layers"]:
        if layer["name"] in operators:  # so that the rewriting of the others does not meet constants
            layer["inbound_nodes"] = []
    config = as_keras2(config)
    for layer in walk(config):
        if layer["name"] in operators:
            keras2_operator(layer, operators[layer["name"]])
        if layer["class_name"] == "LeakyReLU":
            layer["config"]["alpha"] = layer["config"].pop("negative_slope")
        if layer["class_name"] == "DepthwiseConv2D":
            layer["config"]["groups"] = 1
    return config


def walk(model):
    for layer in model["config"]["layers"]:
        layer.setdefault("name", layer["config"]["name"])
        yield from walk(layer) if "layers" in layer["config"] else [layer]


def write_net(folder, seed):
    d, model, final = draw_net(seed)
    rng = np.random.default_rng(seed)
    set_weights(model, rng)
    naming = d.pick("own", "own", "prefixed", "numbered", "elsewhere")
    x = rng.uniform(0, 1, (1, *model.input_shape[1:])).astype("float32")
    upstream = rng.uniform(-1, 1, (1, model.output_shape[-1])).astype("float32")
    value = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(value)
        output = model(value, training=False)
        score = tf.reduce_sum(output * upstream)
    gradient = tape.gradient(score, value)
    sizes = np.abs(output).max(), np.abs(gradient).max()
    # A gradient that has all but vanished is rounding, on both sides.
    if not np.isfinite(sizes).all() or sizes[0] > 1e4 or sizes[1] < LEAST_GRADIENT:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    weights = list(named_weights(model, naming))
    (folder / "weights.bin").write_bytes(b"".join(a.astype("<f4").tobytes() for _, a in weights))
    manifest = [{"name": n, "shape": list(a.shape), "dtype": "float32"} for n, a in weights]
    version = keras.__version__ if d.form == "keras3" else "2.15.0"
    written = {
        "format": "layers-model",
        "modelTopology": {"keras_version": version, "model_config": topology(model, d.form)},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": manifest}],
    }
    (folder / "model.json").write_text(json.dumps(written) + "\n")
    expected = {"form": d.form, "naming": naming, "final": final, "input": float32(x), "output": float32(output)}
    expected |= {"upstream": float32(upstream), "gradient": float32(gradient)}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made, seed = 0, given.seed * 100_000
    while made < given.count:
        keras.backend.clear_session()
        made += write_net(given.folder / f"{made:03d}", seed)
        seed += 1
    print(f"{made} nets of {seed - given.seed * 100_000} drawn")


if __name__ == "__main__":
    main()
