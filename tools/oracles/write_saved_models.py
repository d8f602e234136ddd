# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "numpy==2.4.6"]
# ///
"""Writes packages/converter/test/fixtures/tensorflow from scratch: two small nets in each way in which TensorFlow
saves graphs.

    python tools/oracles/write_saved_models.py

A net of Keras by `model.export` and by `tf.saved_model.save`. A net of plain ops by a `tf.Module` with a function
that calls another one and has two signatures, by the builder of TensorFlow 1, with variables of both kinds and a
dropout by a flag, and frozen. expected.json: scores and Grad-CAM of both nets, by TensorFlow in float64.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # Eigen's kernels: the same sums everywhere
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_from_session_graph

from fixture_json import float32, uint8, write_json
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/tensorflow"
SEED = 2121
SIZE = 16
CLASSES = 4
L = keras.layers
v1 = tf.compat.v1


def keras_net(dtype):
    """A chain with an inner model that is called twice, and what Keras 3 writes as several ops."""
    keras.backend.clear_session()
    keras.config.set_floatx(dtype)
    inner_image = keras.Input((SIZE // 2, SIZE // 2, 6))
    inner = keras.Model(
        inner_image, L.Activation("silu")(L.Conv2D(6, 3, padding="same", name="twice")(inner_image)), name="inner"
    )
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = L.Rescaling(1 / 127.5, offset=-1)(image)
    x = L.Conv2D(6, 3, strides=2, padding="same", use_bias=False, name="first")(x)
    x = L.BatchNormalization(name="norm")(x)
    x = L.ReLU(6.0)(x)
    x = L.Add()([x, inner(inner(x))])
    x = L.DepthwiseConv2D(3, padding="same", name="deep")(x)
    x = L.Dropout(0.3)(L.ELU()(x))
    x = L.Conv2D(8, 3, activation="relu", name="last")(x)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(image, L.Dense(CLASSES, activation="softmax", name="scores")(x), name="net")


def fill(model, random):
    """Weights under which about half of the ReLUs are open; variances are positive."""
    values = []
    for variable in model.weights:
        shape = variable.shape
        fan = max(1, int(np.prod(shape[:2] if variable.path.startswith("deep") else shape[:-1])))
        if variable.name.endswith("variance"):
            value = random.uniform(0.4, 1.6, shape)
        elif variable.name.endswith("gamma"):
            value = random.uniform(0.6, 1.4, shape)
        elif len(shape) == 1:
            value = random.uniform(-0.3, 0.3, shape)
        else:
            value = random.normal(0, (3 / fan) ** 0.5, shape)
        values.append(value.astype("float32"))
    model.set_weights(values)
    return values


def expect_keras(values, pixels):
    model = keras_net("float64")
    model.set_weights([value.astype("float64") for value in values])
    head = model.layers[-1]
    head.activation = keras.activations.linear
    both = keras.Model(model.inputs, [model.get_layer("last").output, head(head.input)])
    image = tf.constant(pixels, tf.float64)
    with tf.GradientTape() as tape:
        activation, logits = both(image, training=False)
        best = int(np.argmax(logits[0]))
        score = logits[0, best]
    return describe(logits[0], best, activation, tape.gradient(score, activation))


def describe(logits, best, activation, gradient):
    """Grad-CAM before its ReLU."""
    cam = (activation.numpy()[0] * gradient.numpy()[0].mean((0, 1))).sum(-1)
    return {"logits": float32(logits), "class": best, "map": float32(cam)}


def draw_plain(random):
    """Values of the plain net's variables, by their names."""
    kernel = lambda *shape: random.normal(0, (2 / np.prod(shape[:-1])) ** 0.5, shape)
    return {
        "first/kernel": kernel(5, 5, 3, 6),
        "first/gamma": random.uniform(0.6, 1.4, 6),
        "first/beta": random.uniform(-0.3, 0.3, 6),
        "first/mean": random.uniform(-0.3, 0.3, 6),
        "first/variance": random.uniform(0.4, 1.6, 6),
        "last/kernel": kernel(3, 3, 6, 8),
        "last/bias": random.uniform(-0.3, 0.3, 8),
        "scores/kernel": 2 * kernel(8, CLASSES),
        "scores/bias": random.uniform(-0.3, 0.3, CLASSES),
    }


def plain_body(x, variable):
    """Up to the activation whose map is wanted."""
    with tf.name_scope("first"):
        x = tf.nn.conv2d(x / 255, variable("first/kernel"), 2, "SAME", name="Conv2D")
        parts = [variable(f"first/{name}") for name in ("gamma", "beta", "mean", "variance")]
        x = v1.nn.fused_batch_norm(x, *parts, epsilon=1e-3, is_training=False, name="Norm")[0]
        x = tf.nn.relu(x, name="Relu")
    with tf.name_scope("pool"):
        left, right = tf.split(x, 2, axis=-1)
        x = tf.concat([tf.nn.max_pool2d(left, 3, 1, "SAME"), tf.nn.avg_pool2d(right, 3, 1, "SAME")], -1)
    with tf.name_scope("last"):
        x = tf.nn.conv2d(x, variable("last/kernel"), 1, "VALID", name="Conv2D")
        return tf.nn.relu(tf.nn.bias_add(x, variable("last/bias")), name="Relu")


def plain_head(x, variable):
    with tf.name_scope("scores"):
        x = tf.reduce_mean(x, [1, 2])
        return tf.nn.bias_add(tf.matmul(x, variable("scores/kernel")), variable("scores/bias"), name="logits")


def expect_plain(values, pixels):
    """By ops that TensorFlow has in float64: its fused normalisation is one for float32 alone."""
    variable = lambda name: tf.constant(values[name].astype("float32"), tf.float64)
    image = tf.constant(pixels, tf.float64)
    x = tf.nn.conv2d(image / 255, variable("first/kernel"), 2, "SAME")
    gamma, beta, mean, variance = [variable(f"first/{name}") for name in ("gamma", "beta", "mean", "variance")]
    x = tf.nn.relu((x - mean) / tf.sqrt(variance + 1e-3) * gamma + beta)
    left, right = tf.split(x, 2, axis=-1)
    x = tf.concat([tf.nn.max_pool2d(left, 3, 1, "SAME"), tf.nn.avg_pool2d(right, 3, 1, "SAME")], -1)
    activation = tf.nn.relu(tf.nn.conv2d(x, variable("last/kernel"), 1, "VALID") + variable("last/bias"))
    with tf.GradientTape() as tape:
        tape.watch(activation)
        logits = plain_head(activation, variable)
        best = int(np.argmax(logits[0]))
        score = logits[0, best]
    return describe(logits[0], best, activation, tape.gradient(score, activation))


class PlainModule(tf.Module):
    """A function that calls another one, and a list of variables."""

    def __init__(self, values):
        super().__init__()
        self.held = {name: tf.Variable(value.astype("float32"), name=name) for name, value in values.items()}

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="image")])
    def features(self, image):
        return {"features": plain_body(image, self.held.get)}

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="image")])
    def classify(self, image):
        x = self.features(image)["features"]
        return {"scores": tf.nn.softmax(plain_head(x, self.held.get))}


def build_v1(values):
    """The plain net as programs of TensorFlow 1 wrote it; every other variable is a resource."""
    image = v1.placeholder(tf.float32, [None, SIZE, SIZE, 3], name="image")
    training = v1.placeholder_with_default(False, [], name="training")
    made = {}

    def variable(name):
        if name not in made:
            value = values[name].astype("float32")
            made[name] = v1.get_variable(
                f"net/{name}", initializer=tf.constant(value), use_resource=len(made) % 2 == 1
            )
        return made[name]

    x = plain_body(image, variable)
    x = tf.cond(training, lambda: tf.nn.dropout(x, rate=0.5), lambda: x)
    return image, tf.nn.softmax(plain_head(x, variable), name="probabilities")


def write_v1(values):
    v1.disable_control_flow_v2()
    with tf.Graph().as_default(), v1.Session() as session:
        image, scores = build_v1(values)
        session.run(v1.global_variables_initializer())
        builder = v1.saved_model.Builder(str(FOLDER / "v1"))
        signature = v1.saved_model.predict_signature_def({"images": image}, {"scores": scores})
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
        builder.save()
        frozen = convert_variables_to_constants_from_session_graph(
            session, session.graph.as_graph_def(), [scores.op.name]
        )
        (FOLDER / "frozen.pb").write_bytes(frozen.SerializeToString())


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    pixels = textured_image(SEED, SIZE, SIZE).astype(np.uint8)[np.newaxis]
    values = fill(keras_net("float32"), np.random.Generator(np.random.PCG64(SEED)))
    plain = draw_plain(np.random.Generator(np.random.PCG64(SEED + 1)))
    for way in ("keras-export", "keras-save"):
        model = keras_net("float32")
        model.set_weights(values)
        if way == "keras-export":
            model.export(str(FOLDER / way), verbose=False)
        else:
            tf.saved_model.save(model, str(FOLDER / way))
    module = PlainModule(plain)
    signatures = {"serving_default": module.classify, "features": module.features}
    tf.saved_model.save(module, str(FOLDER / "module"), signatures=signatures)
    write_v1(plain)
    for empty in [*FOLDER.rglob("fingerprint.pb"), *FOLDER.rglob("assets")]:
        empty.unlink() if empty.is_file() else empty.rmdir()
    write_json(
        FOLDER / "expected.json",
        {
            "picture": uint8(pixels[0]),
            "nets": {"keras": expect_keras(values, pixels), "plain": expect_plain(plain, pixels)},
        },
    )
    for way in sorted(FOLDER.iterdir()):
        files = way.rglob("*") if way.is_dir() else [way]
        print(f"{way.name}: {sum(one.stat().st_size for one in files if one.is_file()) // 1024} kB")
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/write_saved_models.py` (one command, from scratch) with TensorFlow {tf.__version__}, Keras
{keras.__version__} and NumPy {np.__version__} on CPU; seed {SEED}. Random weights, a computed image.

Two small nets in each way in which TensorFlow saves graphs. `expected.json`: scores before the softmax, and Grad-CAM
at the layer `last` before its ReLU, by TensorFlow in float64.
"""
    )


if __name__ == "__main__":
    main()
