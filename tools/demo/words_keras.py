"""demo-vqa in Keras 3, layer by layer, and its weights from what train_words.py wrote. Grad-CAM by TensorFlow's tape."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from words_language import ANSWERS, QUESTION_LENGTH, QUESTION_WORDS

DEMO = Path(__file__).parents[2] / "demo"
GRID = 8
MEAN = [123.68, 116.779, 103.939]
ROOT = 24
# Base depth, units, stride of the last unit.
BLOCKS = [(16, 2, 2), (32, 3, 2), (64, 3, 1)]
# The layer whose cells are summed for the answers, and the encoder's last one.
LAST, FEATURES = "last", "block3_unit3_out"


def conv(x, filters, kernel, stride, name, activation="relu"):
    # Symmetric padding in front of a strided convolution, as PyTorch has it.
    pads = kernel > 1 and stride > 1
    if pads:
        x = keras.layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
    padding = "valid" if pads else "same"
    layer = keras.layers.Conv2D(filters, kernel, stride, padding, activation=activation, name=name)
    return layer(x)


def unit(x, base, stride, name):
    outputs = 4 * base
    if x.shape[-1] != outputs:
        shortcut = conv(x, outputs, 1, stride, f"{name}_shortcut", None)
    elif stride > 1:
        shortcut = keras.layers.MaxPooling2D(1, stride, name=f"{name}_shortcut")(x)
    else:
        shortcut = x
    y = conv(x, base, 1, 1, f"{name}_conv1")
    y = conv(y, base, 3, stride, f"{name}_conv2")
    y = conv(y, outputs, 1, 1, f"{name}_conv3", None)
    y = keras.layers.Add(name=f"{name}_add")([shortcut, y])
    return keras.layers.Activation("relu", name=f"{name}_out")(y)


def build(width=96, narrow=64, embedding=32, hidden=96, places=24):
    layers = keras.layers
    image = keras.Input((128, 128, 3), name="image")
    question = keras.Input((QUESTION_LENGTH,), dtype="int32", name="question")
    x = layers.Rescaling(1.0, offset=[-value for value in MEAN], name="minus_mean")(image)
    x = conv(x, ROOT, 7, 2, "conv1")
    x = layers.MaxPooling2D(3, 2, "same", name="pool1")(x)
    for b, (base, units, stride) in enumerate(BLOCKS, 1):
        for u in range(1, units + 1):
            x = unit(x, base, stride if u == units else 1, f"block{b}_unit{u}")

    words = layers.Embedding(len(QUESTION_WORDS), embedding, name="words")(question)
    asks = layers.GRU(hidden, reset_after=True, name="gru")(words)
    dense = lambda units, name, **rest: layers.Dense(units, name=name, **rest)(asks)

    cells = GRID * GRID
    grid = conv(x, width, 1, 1, "grid")
    listed = layers.Reshape((cells, width), name="cells")(grid)
    scores = layers.Dot((2, 1), name="scores")([listed, dense(width, "asked")])
    attention = layers.Softmax(name="attention")(scores)
    fixed = layers.Dense(2 * cells, use_bias=False, trainable=False, name="relative_places")
    relative = layers.Reshape((GRID, GRID, 2), name="relative_grid")(fixed(attention))
    near = conv(relative, places, 1, 1, "places")
    found = layers.Reshape((GRID, GRID, 1), name="score_grid")(layers.ReLU(name="found")(scores))
    x = layers.Concatenate(name="joined")([grid, found, near])

    def modulate(x, number):
        channels = x.shape[-1]
        vector = lambda part: layers.Reshape((1, 1, channels), name=f"{part}{number}_vector")(
            dense(channels, f"{part}{number}")
        )
        x = layers.Multiply(name=f"scaled{number}")([x, vector("scale")])
        x = layers.Add(name=f"shifted{number}")([x, vector("shift")])
        return layers.Activation("relu", name=f"modulated{number}")(x)

    x = modulate(x, 1)
    x = modulate(conv(x, narrow, 3, 1, "fuse", None), 2)
    last = conv(x, narrow, 3, 1, LAST)
    pooled = layers.GlobalAveragePooling2D(name="mean")(last)
    evidence = layers.Dense(len(ANSWERS), use_bias=False, name="evidence")(pooled)
    logits = layers.Add(name="logits")([evidence, dense(len(ANSWERS), "prior")])
    answers = layers.Activation("softmax", name="answers")(logits)
    return keras.Model([image, question], answers, name="demo_vqa")


def set_weights(model, tensors):
    """tensors: PyTorch's names and layouts. What they write as 1 + scale and as a division is put into the weights."""
    at = lambda name: np.asarray(tensors[name], np.float64)

    def put_conv(layer, source):
        model.get_layer(layer).set_weights([at(f"{source}.weight").transpose(2, 3, 1, 0), at(f"{source}.bias")])

    def put_dense(layer, source, factor=1.0, plus=0.0):
        values = [at(f"answers.{source}.weight").T * factor]
        if f"answers.{source}.bias" in tensors:
            values.append(at(f"answers.{source}.bias") * factor + plus)
        model.get_layer(layer).set_weights(values)

    put_conv("conv1", "encoder.conv1")
    for b, (_, units, _) in enumerate(BLOCKS, 1):
        for u in range(1, units + 1):
            for part in ("shortcut", "conv1", "conv2", "conv3"):
                source = f"encoder.layer{b}.{u - 1}.{part}"
                if f"{source}.weight" in tensors:
                    put_conv(f"block{b}_unit{u}_{part}", source)
    model.get_layer("words").set_weights([at("answers.words.weight")])
    model.get_layer("gru").set_weights(gru_weights(at))
    for name in ("grid", "places", "fuse", LAST):
        put_conv(name, f"answers.{name}")
    put_dense("asked", "asked", factor=at("answers.asked.weight").shape[0] ** -0.5)
    for number in (1, 2):
        put_dense(f"scale{number}", f"scale{number}", plus=1.0)
        put_dense(f"shift{number}", f"shift{number}")
    put_dense("evidence", "evidence")
    put_dense("prior", "prior")
    rows, columns = np.divmod(np.arange(GRID * GRID), GRID)
    where = (np.stack([columns, rows], 1) + 0.5) / (GRID / 2) - 1
    model.get_layer("relative_places").set_weights([(where[None] - where[:, None]).reshape(GRID * GRID, -1)])


def gru_weights(at):
    """PyTorch has the gates in the order reset, update, new; Keras has update, reset, new."""

    def turned(values):
        reset, update, new = np.split(values, 3)
        return np.concatenate([update, reset, new])

    parts = [at(f"answers.question.{kind}_l0") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    inputs, states, *biases = (turned(part) for part in parts)
    return [inputs.T, states.T, np.stack(biases)]


def in_float64(model):
    """The same net, computed in float64 from the weights of the file."""
    keras.config.set_floatx("float64")
    double = build()
    double.set_weights(model.get_weights())
    keras.config.set_floatx("float32")
    return double


class Explained:
    """Logits of a net, and raw Grad-CAM of logits at LAST and at FEATURES."""

    def __init__(self, model):
        features = model.get_layer(FEATURES).output
        image, question = model.inputs
        self.encoder = keras.Model(image, features)
        outputs = [model.get_layer(name).output for name in (LAST, "logits")]
        self.head = keras.Model([features, question], outputs)
        self.dtype = model.get_layer("conv1").kernel.dtype

    def features(self, pixels):
        """Of pictures of bytes [n, 128, 128, 3]: [n, 8, 8, 256]."""
        return self.encoder(tf.cast(pixels, self.dtype))

    def explain(self, features, tokens, choose):
        """choose(logits) gives a class for each row. Returns logits [n, k] and for each layer's name maps [n, h, w]."""
        features = tf.convert_to_tensor(features)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(features)
            last, logits = self.head([features, tf.constant(tokens, tf.int32)])
            chosen = tf.reduce_sum(tf.gather(logits, choose(logits.numpy()), axis=1, batch_dims=1))
        maps = {}
        for name, layer in ((LAST, last), (FEATURES, features)):
            weights = tf.reduce_mean(tape.gradient(chosen, layer), [1, 2], keepdims=True)
            maps[name] = tf.reduce_sum(weights * layer, -1).numpy()
        return logits.numpy(), maps
