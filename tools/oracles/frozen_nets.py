# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/frozen: small nets of Keras as TensorFlow freezes them.

Each is packed as a tfjs GraphModel: batch normalisations are folded into convolutions and biases and activations are
fused, as the tfjs converter does it (`fused`), or the graph is left as it was frozen (`plain`). Beside it stand
scores, gradients and Grad-CAM by TensorFlow in float64.

python tools/oracles/frozen_nets.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import base64
import json
import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from keras import layers as L
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from fixture_json import float32, write_json
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/frozen"
SEED = 71
SIZE = 32
SHARD = "group1-shard1of1.bin"
CLASSES = 5


def conv_bn(x, filters, size=3, stride=1, padding="same", act="relu", name=None):
    x = L.Conv2D(filters, size, strides=stride, padding=padding, use_bias=False)(x)
    x = L.BatchNormalization(epsilon=1e-3)(x)
    if act is None:
        return x
    return L.ReLU(max_value=6.0, name=name)(x) if act == "relu6" else L.Activation(act, name=name)(x)


def depthwise_bn(x, size=3, stride=1, padding="same", act="relu6"):
    x = L.DepthwiseConv2D(size, strides=stride, padding=padding, use_bias=False)(x)
    x = L.BatchNormalization(epsilon=1e-3)(x)
    if act is None:
        return x
    return L.ReLU(max_value=6.0)(x) if act == "relu6" else L.Activation(act)(x)


def head(x):
    x = L.GlobalAveragePooling2D()(x)
    x = L.Dense(CLASSES, name="logits")(x)
    return L.Softmax(name="probabilities")(x)


def mobilenet_v1(x):
    x = conv_bn(x, 8, stride=2, act="relu6")
    for filters, stride in [(12, 1), (16, 2), (20, 1)]:
        x = depthwise_bn(x, stride=stride)
        x = conv_bn(x, filters, 1, act="relu6", name="last" if filters == 20 else None)
    x = L.GlobalAveragePooling2D(keepdims=True)(x)
    x = L.Conv2D(CLASSES, 1)(x)
    x = L.Reshape((CLASSES,), name="logits")(x)
    return L.Softmax(name="probabilities")(x)


def mobilenet_v2(x):
    x = L.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = conv_bn(x, 8, stride=2, padding="valid", act="relu6")
    for stride in [2, 1]:
        before = x
        x = conv_bn(x, 16, 1, act="relu6")
        if stride == 2:
            x = L.ZeroPadding2D(((0, 1), (0, 1)))(x)
        x = depthwise_bn(x, stride=stride, padding="valid" if stride == 2 else "same")
        x = conv_bn(x, 8, 1, act=None)
        if stride == 1:
            x = L.Add()([before, x])
    return head(conv_bn(x, 24, 1, act="relu6", name="last"))


def hard_sigmoid(x):
    return L.Rescaling(1 / 6)(L.ReLU(max_value=6.0)(L.Rescaling(1.0, offset=3.0)(x)))


def hard_swish(x, name=None):
    return L.Multiply(name=name)([x, hard_sigmoid(x)])


def squeeze_excite(x, filters, gate, act):
    s = L.GlobalAveragePooling2D(keepdims=True)(x)
    s = L.Conv2D(max(filters // 4, 2), 1, activation=act)(s)
    s = L.Conv2D(filters, 1)(s)
    return L.Multiply()([x, gate(s)])


def mobilenet_v3(x):
    x = L.Rescaling(2.0, offset=-1.0)(x)
    x = hard_swish(conv_bn(x, 8, stride=2, act=None))
    before = x
    x = hard_swish(conv_bn(x, 16, 1, act=None))
    x = hard_swish(depthwise_bn(x, 5, act=None))
    x = squeeze_excite(x, 16, hard_sigmoid, "relu")
    x = L.Add()([before, conv_bn(x, 8, 1, act=None)])
    return head(hard_swish(conv_bn(x, 20, 1, act=None), name="last"))


def resnet(x):
    x = L.ZeroPadding2D(3)(x)
    x = conv_bn(x, 8, 7, stride=2, padding="valid")
    x = L.ZeroPadding2D(1)(x)
    x = L.MaxPooling2D(3, strides=2)(x)
    for place, stride in enumerate([1, 2]):
        short = conv_bn(x, 16, 1, stride=stride, act=None)
        y = conv_bn(x, 6, 1, stride=stride)
        y = conv_bn(y, 6, 3)
        y = conv_bn(y, 16, 1, act=None)
        x = L.Activation("relu", name="last" if place == 1 else None)(L.Add()([short, y]))
    return head(x)


def efficientnet(x):
    x = L.Rescaling(1 / 0.25, offset=-2.0)(x)
    x = conv_bn(x, 8, stride=2, act="swish")
    before = x
    x = conv_bn(x, 16, 1, act="swish")
    x = depthwise_bn(x, 3, act="swish")
    s = L.GlobalAveragePooling2D()(x)
    s = L.Reshape((1, 1, 16))(s)
    s = L.Conv2D(4, 1, activation="swish")(s)
    s = L.Conv2D(16, 1, activation="sigmoid")(s)
    x = L.Multiply()([x, s])
    x = conv_bn(x, 8, 1, act=None)
    x = L.Add()([L.Dropout(0.2)(x), before])
    return head(conv_bn(x, 24, 1, act="swish", name="last"))


def densenet(x):
    x = conv_bn(x, 8, stride=2)
    for place in range(2):
        for _ in range(2):
            y = L.Activation("relu")(L.BatchNormalization()(x))
            y = conv_bn(y, 12, 1)
            x = L.Concatenate()([x, L.Conv2D(4, 3, padding="same", use_bias=False)(y)])
        if place == 0:
            x = L.Activation("relu")(L.BatchNormalization()(x))
            x = L.AveragePooling2D(2)(L.Conv2D(10, 1, use_bias=False)(x))
    return head(L.Activation("relu", name="last")(L.BatchNormalization()(x)))


def xception(x):
    x = conv_bn(x, 8, stride=2, padding="valid")
    short = conv_bn(x, 12, 1, stride=2, act=None)
    y = L.SeparableConv2D(12, 3, padding="same", use_bias=False)(x)
    y = L.Activation("relu")(L.BatchNormalization()(y))
    y = L.SeparableConv2D(12, 3, padding="same", use_bias=False)(y)
    y = L.MaxPooling2D(3, strides=2, padding="same")(L.BatchNormalization()(y))
    x = L.Add()([y, short])
    x = L.SeparableConv2D(20, 3, padding="same", use_bias=True)(x)
    return head(L.Activation("relu", name="last")(x))


def inception(x):
    x = conv_bn(x, 8, stride=2, padding="valid")
    a = conv_bn(x, 6, 1)
    b = conv_bn(conv_bn(x, 5, 1), 6, 3)
    c = conv_bn(conv_bn(x, 4, (1, 7)), 6, (7, 1))
    d = conv_bn(L.AveragePooling2D(3, strides=1, padding="same")(x), 6, 1)
    x = L.Concatenate()([a, b, c, d])
    e = L.MaxPooling2D(3, strides=2)(x)
    f = conv_bn(x, 8, 3, stride=2, padding="valid")
    return head(L.Concatenate(name="last")([e, f]))


def vgg(x):
    for filters in [6, 10]:
        x = L.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = L.Conv2D(filters, 3, padding="same", activation="elu")(x)
        x = L.MaxPooling2D(2)(x)
    x = L.Conv2D(12, 3, padding="same", activation="relu", name="last")(x)
    x = L.MaxPooling2D(4)(x)
    x = L.Flatten()(x)
    x = L.Dense(16, activation="relu")(x)
    x = L.Dense(CLASSES, name="logits")(x)
    return L.Softmax(name="probabilities")(x)


def nasnet(x):
    x = conv_bn(x, 8, stride=2, padding="valid", act=None)
    r = L.Activation("relu")(x)
    p1 = L.AveragePooling2D(1, strides=2)(r)
    p1 = L.Conv2D(5, 1, use_bias=False)(p1)
    p2 = L.Cropping2D(((1, 0), (1, 0)))(L.ZeroPadding2D(((0, 1), (0, 1)))(r))
    p2 = L.Conv2D(5, 1, use_bias=False)(L.AveragePooling2D(1, strides=2)(p2))
    p = L.BatchNormalization()(L.Concatenate()([p1, p2]))
    h = L.ZeroPadding2D(((1, 1), (1, 1)))(r)
    h = L.SeparableConv2D(10, 3, strides=2, padding="valid", use_bias=False)(h)
    h = L.BatchNormalization()(h)
    m = L.MaxPooling2D(3, strides=1, padding="same")(p)
    x = L.Concatenate()([L.Add()([p, h]), L.Average()([m, h])])
    return head(L.Activation("relu", name="last")(x))


def unet(x):
    a = L.LeakyReLU(negative_slope=0.1)(L.Conv2D(6, 3, padding="same")(x))
    b = L.Conv2D(8, 3, strides=2, padding="same", activation="relu")(a)
    c = L.Conv2D(10, 3, strides=2, padding="same", activation="selu")(b)
    y = L.Conv2DTranspose(8, 3, strides=2, padding="same")(c)
    y = L.Concatenate()([y, b])
    y = L.PReLU(shared_axes=[1, 2], alpha_initializer="glorot_uniform", name="last")(L.Conv2D(8, 3, padding="same")(y))
    y = L.UpSampling2D(2, interpolation="bilinear")(y)
    y = L.Concatenate()([y, L.UpSampling2D(2)(L.MaxPooling2D(2)(a))])
    y = L.Conv2D(3, 1, name="logits")(y)
    return L.Softmax(name="probabilities")(y)


NETS = {
    "mobilenet-v1": (mobilenet_v1, "fused"),
    "mobilenet-v2": (mobilenet_v2, "fused"),
    "mobilenet-v3": (mobilenet_v3, "fused"),
    "resnet": (resnet, "fused"),
    "efficientnet": (efficientnet, "fused"),
    "densenet": (densenet, "plain"),
    "xception": (xception, "plain"),
    "inception": (inception, "fused"),
    "vgg": (vgg, "fused"),
    "nasnet": (nasnet, "plain"),
    "unet": (unet, "plain"),
}


def build(make, dtype):
    keras.backend.clear_session()
    keras.config.set_floatx(dtype)
    image = keras.Input((SIZE, SIZE, 3), name="image")
    return keras.Model(image, make(image), name="net")


def draw_weights(model, random):
    drawn = []
    for weight in model.weights:
        shape, name = tuple(weight.shape), weight.name
        if name == "moving_variance":
            value = random.uniform(0.5, 1.5, shape)
        elif name == "gamma":
            value = random.uniform(0.7, 1.3, shape)
        elif name in ("beta", "moving_mean", "bias"):
            value = 0.2 * random.standard_normal(shape)
        elif name == "alpha":
            value = random.uniform(0.05, 0.4, shape)
        else:
            fan = np.prod(shape[:2]) if "depthwise" in name else np.prod(shape[:-1])
            value = 1.4 * random.standard_normal(shape) / np.sqrt(fan)
        drawn.append(np.asarray(value).astype(np.float32))
    return drawn


def freeze(model, size=SIZE):
    spec = tf.TensorSpec([None, size, size, 3], tf.float32, name="image")
    call = tf.function(lambda x: model(x, training=False)).get_concrete_function(spec)
    frozen = convert_variables_to_constants_v2(call)
    return frozen.graph.as_graph_def(), frozen.outputs[0].name


class Frozen:
    """A frozen graph as JSON, its constants apart."""

    def __init__(self, graph_def):
        self.weights = {}
        self.nodes = []
        graph = tf.Graph()
        with graph.as_default():
            tf.import_graph_def(graph_def, name="")
        self.session = tf.compat.v1.Session(graph=graph)
        for node in graph_def.node:
            if node.op == "NoOp":
                continue
            value = MessageToDict(node)
            if node.op == "Const":
                array = tf.make_ndarray(node.attr["value"].tensor)
                self.weights[node.name] = array.astype(np.int32) if array.dtype == np.int64 else array
            self.nodes.append(value)

    def users(self, name):
        return [node for node in self.nodes if name in node.get("input", [])]

    def by_name(self, name):
        return next((node for node in self.nodes if node["name"] == name), None)

    def constant(self, name):
        """The values of a node that depends on no input; None for any other."""
        pending, seen = [name], set()
        while pending:
            one = pending.pop()
            if one in seen:
                continue
            seen.add(one)
            node = self.by_name(one)
            if node is None or node["op"] == "Placeholder":
                return None
            pending += [before.split(":")[0] for before in node.get("input", [])]
        return self.session.run(f"{name}:0")

    def fold_batch_norms(self):
        """`conv * factor + offset`, as Keras writes a normalisation, becomes a convolution with a bias."""
        for add in [node for node in self.nodes if node["op"] == "AddV2"]:
            mul = self.by_name(add["input"][0])
            if mul is None or mul["op"] != "Mul":
                continue
            conv = self.by_name(mul["input"][0])
            if conv is None or conv["op"] not in ("Conv2D", "DepthwiseConv2dNative"):
                continue
            factor, offset = self.constant(mul["input"][1]), self.constant(add["input"][1])
            kernel = self.constant(conv["input"][1])
            if factor is None or offset is None or len(self.users(conv["name"])) != 1:
                continue
            factor, offset = factor.reshape(-1), offset.reshape(-1)
            if conv["op"] != "Conv2D":
                factor = factor.reshape(kernel.shape[2:])
            for suffix, array in (("Folded", kernel * factor), ("Offset", offset)):
                name = f"{add['name']}/{suffix}"
                self.weights[name] = array.astype(np.float32)
                attributes = {"dtype": {"type": "DT_FLOAT"}}
                self.nodes.insert(0, {"name": name, "op": "Const", "attr": attributes})
            conv["input"][1] = f"{add['name']}/Folded"
            add.update(op="BiasAdd", input=[conv["name"], f"{add['name']}/Offset"])
            add["attr"] = {"T": {"type": "DT_FLOAT"}, "data_format": text("NHWC")}

    def fuse(self):
        fused = {"Conv2D": "_FusedConv2D", "DepthwiseConv2dNative": "FusedDepthwiseConv2dNative", "MatMul": "_FusedMatMul"}
        for bias in [node for node in self.nodes if node["op"] == "BiasAdd"]:
            conv = self.by_name(bias["input"][0])
            if conv is None or conv["op"] not in fused or len(self.users(conv["name"])) != 1:
                continue
            steps, last = ["BiasAdd"], bias
            behind = self.users(bias["name"])
            if len(behind) == 1 and behind[0]["op"] in ("Relu", "Relu6", "Elu"):
                steps, last = [*steps, behind[0]["op"]], behind[0]
            last["op"] = fused[conv["op"]]
            last["input"] = [*conv["input"], bias["input"][1]]
            encoded = [text(step)["s"] for step in steps]
            last["attr"] = {**conv["attr"], "fused_ops": {"list": {"s": encoded}}, "num_args": {"i": "1"}}
            dropped = {conv["name"], bias["name"]} - {last["name"]}
            self.nodes = [node for node in self.nodes if node["name"] not in dropped]

    def prune(self, output):
        needed, pending = set(), [output]
        while pending:
            name = pending.pop()
            if name in needed:
                continue
            needed.add(name)
            node = self.by_name(name)
            pending += [one.lstrip("^").split(":")[0] for one in node.get("input", []) if not one.startswith("^")]
        self.nodes = [node for node in self.nodes if node["name"] in needed]
        self.weights = {name: array for name, array in self.weights.items() if name in needed}


def text(value):
    return {"s": base64.b64encode(value.encode()).decode()}


def pack_graph(frozen, inputs, outputs):
    """A frozen graph as the JSON of a GraphModel, and the bytes of its weights."""
    for node in frozen.nodes:
        attributes = node.get("attr", {})
        for name in list(attributes):
            if name.startswith("_") or name in ("value", "use_cudnn_on_gpu"):
                del attributes[name]
        node["input"] = [one for one in node.get("input", []) if not one.startswith("^")]
        if not node["input"]:
            del node["input"]
        node.pop("experimentalDebugInfo", None)
    weights = [
        {"name": name, "shape": list(array.shape), "dtype": array.dtype.name}
        for name, array in frozen.weights.items()
    ]
    data = b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes() for array in frozen.weights.values())
    value = {
        "format": "graph-model",
        "generatedBy": tf.__version__,
        "signature": {"inputs": inputs, "outputs": outputs},
        "modelTopology": {"node": frozen.nodes, "library": {}, "versions": {"producer": 1882}},
        "weightsManifest": [{"paths": [SHARD], "weights": weights}],
    }
    return value, data


def stated(name, dtype="DT_FLOAT", shape=None):
    """A tensor as a signature states it."""
    sizes = {} if shape is None else {"tensorShape": {"dim": [{"size": str(size)} for size in shape]}}
    return {"name": name, "dtype": dtype, **sizes}


def write_graph(folder, frozen, output, size=SIZE):
    value, data = pack_graph(
        frozen,
        {"image": stated("image:0", shape=(-1, size, size, 3))},
        {"probabilities": stated(output)},
    )
    (folder / SHARD).write_bytes(data)
    (folder / "model.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def expect(model, pixels):
    """Gradients of a logit in float64, at the layer `last` and at the input; Grad-CAM there, before its ReLU."""
    layer, logits = model.get_layer("last").output, model.get_layer("logits").output
    upper = keras.Model(model.input, [layer, logits])
    image = tf.constant(pixels.astype(np.float64) / 255)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(image)
        activations, scores = upper(image, training=False)
        index = int(np.argmax(np.mean(np.reshape(scores, (-1, scores.shape[-1])), 0)))
        score = tf.reduce_sum(scores[..., index])
    at_layer, at_input = tape.gradient(score, activations), tape.gradient(score, image)
    weights = tf.reduce_mean(at_layer, (1, 2), keepdims=True)
    grad_cam = tf.reduce_sum(weights * activations, -1)
    return {
        "class": index,
        "logits": float32(scores.numpy()),
        "activations": float32(activations.numpy()),
        "atLayer": float32(at_layer.numpy()),
        "atInput": float32(at_input.numpy()),
        "gradCam": float32(grad_cam.numpy()[0]),
    }


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    for place, (name, (make, kind)) in enumerate(NETS.items()):
        random = np.random.Generator(np.random.PCG64(SEED + place))
        single = build(make, "float32")
        weights = draw_weights(single, random)
        single.set_weights(weights)
        graph_def, output = freeze(single)
        frozen = Frozen(graph_def)
        if kind == "fused":
            frozen.fold_batch_norms()
            frozen.prune(output.split(":")[0])
            frozen.fuse()
        frozen.prune(output.split(":")[0])
        folder = FOLDER / name
        folder.mkdir(parents=True)
        write_graph(folder, frozen, output)
        double = build(make, "float64")
        double.set_weights([weight.astype(np.float64) for weight in weights])
        pixels = textured_image(SEED + place, SIZE, SIZE)[np.newaxis]
        value = {"pixels": base64.b64encode(pixels.astype(np.uint8).tobytes()).decode(), **expect(double, pixels)}
        write_json(folder / "expected.json", value)
        ops = sorted({node["op"] for node in frozen.nodes})
        size = sum(one.stat().st_size for one in folder.iterdir())
        print(f"{name}: {size // 1024} kB, {' '.join(ops)}")
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/frozen_nets.py` (one command, from scratch) with TensorFlow {tf.__version__}, Keras
{keras.__version__} and NumPy {np.__version__} on CPU; seed {SEED}. Random weights, computed images.

Each folder is a small net of the kind that it is named for, frozen by TensorFlow and packed as a tfjs GraphModel.
`expected.json`: for one image the scores, the values of the Keras layer `last`, gradients of the largest score there
and at the input, and Grad-CAM before its ReLU, by Keras in float64.
"""
    )


if __name__ == "__main__":
    main()
