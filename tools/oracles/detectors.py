# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/detectors from scratch: small nets that end as detectors do, and an
embedding, by Keras; one detector as a tfjs GraphModel.

    python tools/oracles/detectors.py

For each net: the tfjs model, the pixels, the boxes that NumPy reads from its outputs (decoded, suppressed),
and for each target the score, and in float64 by TensorFlow's tape Grad-CAM at the layer `features`
(Selvaraju et al. 2017, before the ReLU) and the gradient at the input; for some, the map of occlusion.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import graph_models
from fixture_json import float32, uint8, write_json
from layers_model_files import write_layers_model
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/detectors"
SEED = 20261129
HEIGHT, WIDTH = 32, 64
"""Not square, so that x and y cannot stand for each other. Grids of 4 x 8 and 2 x 4: 40 places."""
CLASSES = 3
SCORE, IOU = 0.25, 0.45
CLEAR = 2e-3
"""No score and no overlap is nearer to its threshold: float32 tells them as float64 does."""


# ---- the nets -------------------------------------------------------------------------------------


def body():
    image = layers.Input((HEIGHT, WIDTH, 3), name="image")
    x = layers.Conv2D(6, 3, strides=4, padding="same", activation="relu", name="stem")(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="deep")(x)
    fine = layers.ReLU(name="features")(x)
    coarse = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="coarse")(fine)
    return image, (fine, coarse)


def branch(grids, name, numbers, per_cell=1, activation=None):
    """[places, numbers]: a convolution of each grid, its cells one after the other."""
    parts = []
    for i, grid in enumerate(grids):
        x = layers.Conv2D(per_cell * numbers, 1, activation=activation, name=f"{name}{i}")(grid)
        parts.append(layers.Reshape((-1, numbers), name=f"{name}{i}_flat")(x))
    return layers.Concatenate(axis=1, name=name)(parts)


def boxes(grids, name, scale, per_cell=1):
    """Four numbers of 0..1 through a fixed linear layer that makes a box of them."""
    return layers.Dense(4, name=scale)(branch(grids, name, 4, per_cell, "sigmoid"))


def yolov8():
    image, grids = body()
    joined = [boxes(grids, "box", "xywh_pixels"), branch(grids, "cls", CLASSES, activation="sigmoid")]
    rows = layers.Concatenate(axis=-1, name="rows")(joined)
    return keras.Model(image, layers.Permute((2, 1), name="out")(rows))


def yolov8_last():
    image, grids = body()
    joined = [boxes(grids, "box", "xywh_shares"), branch(grids, "cls", CLASSES, activation="sigmoid")]
    return keras.Model(image, layers.Concatenate(axis=-1, name="out")(joined))


def yolov5():
    image, grids = body()
    joined = [
        boxes(grids, "box", "xywh_pixels", 3),
        branch(grids, "obj_cls", 1 + CLASSES, 3, "sigmoid"),
    ]
    return keras.Model(image, layers.Concatenate(axis=-1, name="out")(joined))


def yolox():
    """As the heads of YOLOX end, without the decoder: grids of strides 8, 16 and 32."""
    image, (fine, coarse) = body()
    last = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="last")(coarse)
    parts = []
    for i, grid in enumerate((fine, coarse, last)):
        ends = (("reg", 4, None), ("obj", 1, "sigmoid"), ("cls", CLASSES, "sigmoid"))
        joined = [layers.Conv2D(n, 1, activation=fn, name=f"{name}{i}")(grid) for name, n, fn in ends]
        side_by_side = layers.Concatenate(axis=-1, name=f"head{i}")(joined)
        parts.append(layers.Reshape((-1, 5 + CLASSES), name=f"head{i}_flat")(side_by_side))
    return keras.Model(image, layers.Concatenate(axis=1, name="out")(parts))


def ssd():
    image, grids = body()
    scores = layers.Activation("softmax", name="scores")(branch(grids, "cls", 1 + CLASSES))
    return keras.Model(image, [boxes(grids, "box", "yxyx_shares"), scores])


def ssd_scores():
    """Scores before their sigmoid, as a linear output; corners in pixels with x first."""
    image, grids = body()
    return keras.Model(image, [branch(grids, "cls", CLASSES), boxes(grids, "box", "xyxy_pixels")])


def embedding():
    image, (_, coarse) = body()
    pooled = layers.GlobalAveragePooling2D(name="pool")(coarse)
    return keras.Model(image, layers.Dense(12, name="out")(pooled))


# What a fixed layer makes of four numbers of 0..1: [from, to] and what is added.
BOX_LAYERS = {
    "xywh_pixels": (np.diag([WIDTH, HEIGHT, 0.5 * WIDTH, 0.6 * HEIGHT]), [0, 0, 4, 3]),
    "xywh_shares": (np.diag([1, 1, 0.5, 0.6]), [0, 0, 0.06, 0.1]),
    "yxyx_shares": ([[0.6, 0, 0.6, 0], [0, 0.6, 0, 0.6], [0, 0, 0.4, 0], [0, 0, 0, 0.4]], [0, 0, 0.08, 0.08]),
    "xyxy_pixels": ([[36, 0, 36, 0], [0, 18, 0, 18], [0, 0, 24, 0], [0, 0, 0, 14]], [0, 0, 3, 3]),
}


def draw_weights(model, random):
    drawn = {}
    for layer in model.layers:
        if layer.name in BOX_LAYERS:
            kernel, bias = BOX_LAYERS[layer.name]
            drawn[layer.name] = [np.asarray(kernel, float), np.asarray(bias, float)]
            continue
        values = []
        for variable in layer.weights:
            fan_in = np.prod(variable.shape[:-1])
            wide = 2.4 if len(variable.shape) > 1 else 0.3
            values.append(random.normal(0, wide / np.sqrt(fan_in if len(variable.shape) > 1 else 1), variable.shape))
        if layer.name.startswith("cls") and values:
            values[1] = values[1] - 0.7
            # Of an SSD class 0 is the background, which most places are.
            if len(values[1]) == 1 + CLASSES:
                values[1][0] += 4
        drawn[layer.name] = values
    for name, values in drawn.items():
        # What float32 holds, in the float64 net too.
        model.get_layer(name).set_weights([value.astype(np.float32) for value in values])


def build(make, seed, dtype):
    keras.backend.set_floatx(dtype)
    keras.utils.clear_session()
    model = make()
    draw_weights(model, np.random.default_rng(seed))
    return model


# ---- what NumPy reads from the outputs ------------------------------------------------------------


def to_corners(form, four):
    """[n, 4] x0, y0, x1, y1."""
    a, b, c, d = four.T
    if form == "xywh":
        return np.stack([a - c / 2, b - d / 2, a + c / 2, b + d / 2], -1)
    return np.stack([b, a, d, c] if form == "yxyx" else [a, b, c, d], -1)


def iou_matrix(corners):
    low = np.maximum(corners[:, None, :2], corners[None, :, :2])
    high = np.minimum(corners[:, None, 2:], corners[None, :, 2:])
    both = np.prod(np.clip(high - low, 0, None), -1)
    areas = np.prod(corners[:, 2:] - corners[:, :2], -1)
    return both / (areas[:, None] + areas[None] - both)


def read_boxes(corners, scores):
    """The list, best first: at each place its best class, then greedily, class by class."""
    best = scores.argmax(-1)
    score = scores.max(-1)
    margin = np.abs(score - SCORE).min()
    # A class is a picture of its own: moved apart, boxes of two classes do not overlap.
    overlap = iou_matrix(corners + best[:, None] * 1000)
    left = [i for i in np.argsort(-score, kind="stable") if score[i] >= SCORE]
    margin = min(margin, *(np.abs(overlap[i, j] - IOU) for i in left for j in left if i != j), 1)
    kept = []
    while left:
        kept.append(left[0])
        left = [i for i in left[1:] if overlap[kept[-1], i] <= IOU]
    limit = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])
    found = [
        {
            "place": int(i),
            "class": int(best[i]),
            "score": float(score[i]),
            "box": [float(v) for v in np.clip(corners[i], 0, limit)],
        }
        for i in kept
    ]
    return found, margin, int((score >= SCORE).sum())


PIXELS = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])


def read_yolov8(out):
    rows = out[0].T
    return to_corners("xywh", rows[:, :4]), rows[:, 4:]


def read_yolov8_last(out):
    return to_corners("xywh", out[0][:, :4]) * PIXELS, out[0][:, 4:]


def read_yolov5(out):
    return to_corners("xywh", out[0][:, :4]), out[0][:, 4:5] * out[0][:, 5:]


def read_yolox(out):
    """YOLOX's `decode_outputs`: (offset + cell) * stride and exp(size) * stride, row by row of each grid."""
    cells, strides = [], []
    for stride in (8, 16, 32):
        rows, columns = np.meshgrid(np.arange(HEIGHT // stride), np.arange(WIDTH // stride), indexing="ij")
        cells.append(np.stack([columns, rows], -1).reshape(-1, 2))
        strides.append(np.full((rows.size, 1), stride))
    cells, strides = np.concatenate(cells), np.concatenate(strides)
    rows = out[0]
    four = np.concatenate([(rows[:, :2] + cells) * strides, np.exp(rows[:, 2:4]) * strides], -1)
    return to_corners("xywh", four), rows[:, 4:5] * rows[:, 5:]


def read_ssd(out):
    scores = out[1].copy()
    scores[:, 0] = 0
    return to_corners("yxyx", out[0]) * PIXELS, scores


def read_ssd_scores(out):
    return to_corners("xyxy", out[1]), 1 / (1 + np.exp(-out[0]))


# ---- the scores of targets ------------------------------------------------------------------------

NETS = {
    # name: the net, what reads it, the layer whose values are scored, (place, class) -> score
    "yolov8": (yolov8, read_yolov8, "rows", lambda v, p, c: v[0, p, 4 + c]),
    "yolov8-last": (yolov8_last, read_yolov8_last, "out", lambda v, p, c: v[0, p, 4 + c]),
    "yolov5": (yolov5, read_yolov5, "out", lambda v, p, c: v[0, p, 4] * v[0, p, 5 + c]),
    "ssd": (ssd, read_ssd, "cls", lambda v, p, c: v[0, p, c]),
    "ssd-scores": (ssd_scores, read_ssd_scores, "cls", lambda v, p, c: v[0, p, c]),
    "yolox": (yolox, read_yolox, "out", lambda v, p, c: v[0, p, 4] * v[0, p, 5 + c]),
}


class exact:
    """The float64 net with the layers that are looked at."""

    def __init__(self, model, scored):
        named = [model.get_layer(name).output for name in ("features", scored)]
        self.model = keras.Model(model.input, [*named, *model.outputs])

    def __call__(self, x, score_of):
        with tf.GradientTape() as tape:
            tape.watch(x)
            features, scored, *_ = self.model(x)
            score = score_of(scored)
        dx, df = tape.gradient(score, [x, features])
        activations, weights = features[0].numpy(), df[0].numpy().mean((0, 1))
        return {
            "score": float(score),
            "gradCam": float32((activations * weights).sum(-1)),
            "camScale": float(np.abs(activations * weights).sum(-1).max()),
            "gradient": float32(dx[0].numpy()),
        }

    def score(self, x, score_of):
        return float(score_of(self.model(x)[1]))


def occlusion(score_of_image, x):
    """Windows of a seventh of the shorter side, half over each other; each pixel the mean of its drops."""
    side = max(1, round(min(HEIGHT, WIDTH) / 7))
    step = -(-side // 2)
    starts = lambda size: sorted({min(s, size - side) for s in range(0, size, step)})
    whole = score_of_image(x)
    total, count = np.zeros((HEIGHT, WIDTH)), np.zeros((HEIGHT, WIDTH))
    for top in starts(HEIGHT):
        for left in starts(WIDTH):
            covered = x.copy()
            covered[:, top : top + side, left : left + side] = 0
            total[top : top + side, left : left + side] += whole - score_of_image(covered)
            count[top : top + side, left : left + side] += 1
    return total / count


def write_detector(name, seed, pixels):
    make, read, scored, score_of = NETS[name]
    x = pixels[None].astype(np.float64) / 255
    for attempt in range(200):
        model = build(make, seed + 1000 * attempt, "float64")
        outputs = [np.asarray(value[0]) for value in exact(model, scored).model(x)[2:]]
        found, margin, above = read_boxes(*read(outputs))
        classes = {one["class"] for one in found}
        background = outputs[1].argmax(-1) == 0 if name == "ssd" else np.ones(1)
        inside = all(one["box"][2] > one["box"][0] and one["box"][3] > one["box"][1] for one in found)
        if margin > CLEAR and 4 <= len(found) <= 25 and len(classes) > 1 and above > len(found) and inside and background.mean() > 0.55:
            break
    else:
        raise SystemExit(f"{name}: no weights were found that tell all boxes clearly")
    net = exact(model, scored)
    cases = {}
    for rank, other in ((0, None), (1, None), (0, 1)):
        place, index = found[rank]["place"], found[rank]["class"]
        if other is not None:
            index = next(c for c in classes if c != index)
        of = lambda value: score_of(value, place, index)
        key = f"box:{rank + 1}" if other is None else f"box:{rank + 1}:{index}"
        cases[key] = {"class": index, **net(tf.constant(x), of)}
        if rank == 0 and other is None and name in ("yolov8", "yolov5"):
            cases[key]["occlusion"] = float32(occlusion(lambda one: net.score(one, of), x))
    write(name, build(make, seed + 1000 * attempt, "float32"), seed, {
        "pixels": uint8(pixels),
        "found": found,
        "above": above,
        "cases": cases,
    })
    print(f"{name}: {above} above {SCORE}, {len(found)} kept, margin {margin:.4f}")


def write_embedding(seed, pixels, reference):
    model = build(embedding, seed, "float64")
    net = exact(model, "out")
    a, b = (one[None].astype(np.float64) / 255 for one in (pixels, reference))
    wanted = net.model(b)[1]

    def cosine(value):
        return tf.reduce_sum(value * wanted) / (tf.norm(value) * tf.norm(wanted))

    case = net(tf.constant(a), cosine)
    case["occlusion"] = float32(occlusion(lambda one: net.score(one, cosine), a))
    write("embedding", build(embedding, seed, "float32"), seed, {
        "pixels": uint8(pixels),
        "reference": uint8(reference),
        "embedding": float32(wanted[0].numpy()),
        "case": case,
    })
    print(f"embedding: cosine {case['score']:.4f}")


def write(name, model, seed, expected):
    folder = FOLDER / name
    folder.mkdir(parents=True)
    write_layers_model(folder, model, "keras3" if seed % 2 else "keras2")
    write_json(folder / "expected.json", expected)


# ---- the same as a GraphModel ---------------------------------------------------------------------


def write_graph(pixels):
    """YOLOv8's layout by ops as the tfjs converter writes them."""
    x = pixels[None].astype(np.float64) / 255
    for attempt in range(200):
        graph = detector_graph(np.random.default_rng(SEED + attempt))
        run = lambda one: graph.run("Identity", {"image": tf.constant(one)})[0].numpy()
        found, margin, above = read_boxes(*read_yolov8([run(x)]))
        if margin > CLEAR and 3 <= len(found) and above > len(found):
            break
    else:
        raise SystemExit("graph: no weights were found that tell all boxes clearly")
    first = found[0]
    of = lambda one: float(run(one)[4 + first["class"], first["place"]])
    save_graph(graph)
    write_json(
        FOLDER / "graph" / "expected.json",
        {
            "pixels": uint8(pixels),
            "found": found,
            "above": above,
            "cases": {
                "box:1": {
                    "class": first["class"],
                    "score": of(x),
                    "occlusion": float32(occlusion(of, x)),
                }
            },
        },
    )
    print(f"graph: {above} above {SCORE}, {len(found)} kept, margin {margin:.4f}")


def detector_graph(random):
    graph = graph_models.Graph()
    shape = {"dim": [{"size": str(size)} for size in (-1, HEIGHT, WIDTH, 3)]}
    graph.nodes.append(
        {"name": "image", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape}}}
    )

    def conv(name, source, stride, *size):
        kernel = graph.const(f"{name}/kernel", (random.normal(0, 2.4, size) / np.sqrt(np.prod(size[:-1]))).astype(np.float32).astype(float))
        bias = graph.const(f"{name}/bias", random.normal(0, 0.4, size[-1]).astype(np.float32).astype(float))
        window = {
            "strides": graph_models.numbers(1, stride, stride, 1),
            "dilations": graph_models.numbers(1, 1, 1, 1),
            "padding": graph_models.text("SAME"),
            "data_format": graph_models.text("NHWC"),
        }
        x = graph.node(f"{name}/Conv2D", "Conv2D", [source, kernel], lambda x, k: tf.nn.conv2d(x, k, stride, "SAME"), **window)
        return graph.node(f"{name}/BiasAdd", "BiasAdd", [x, bias], lambda x, b: x + b, data_format=graph_models.text("NHWC"))

    fine = graph.node("fine/Relu", "Relu", [conv("fine", "image", 8, 9, 9, 3, 8)], tf.nn.relu)
    coarse = graph.node("coarse/Relu", "Relu", [conv("coarse", fine, 2, 3, 3, 8, 8)], tf.nn.relu)
    parts = []
    numbers = 4 + CLASSES
    for name, grid, cells in (("p3", fine, 32), ("p4", coarse, 8)):
        x = conv(f"head/{name}", grid, 1, 1, 1, 8, numbers)
        to = graph.const(f"head/{name}/shape", np.array([-1, cells, numbers]), "int32")
        parts.append(
            graph.node(f"head/{name}/Reshape", "Reshape", [x, to], tf.reshape, Tshape={"type": "DT_INT32"})
        )
    axis = graph.const("join/axis", np.array(1), "int32")
    x = graph.node(
        "join/concat", "ConcatV2", [*parts, axis], lambda a, b, axis: tf.concat([a, b], int(axis)),
        N={"i": "2"}, Tidx={"type": "DT_INT32"},
    )
    x = graph.node("join/Sigmoid", "Sigmoid", [x], tf.sigmoid)
    scale = np.array([WIDTH, HEIGHT, 0.5 * WIDTH, 0.6 * HEIGHT, *[1] * CLASSES], float)
    x = graph.node("join/mul", "Mul", [x, graph.const("join/scale", scale)], lambda a, b: a * b)
    order = graph.const("join/perm", np.array([0, 2, 1]), "int32")
    x = graph.node("join/transpose", "Transpose", [x, order], tf.transpose, Tperm={"type": "DT_INT32"})
    graph.node("Identity", "Identity", [x], tf.identity)
    return graph


def save_graph(graph):
    folder = FOLDER / "graph"
    folder.mkdir(parents=True)
    weights = [
        {"name": name, "shape": list(array.shape), "dtype": array.dtype.name}
        for name, array in graph.weights.items()
    ]
    shard = "group1-shard1of1.bin"
    (folder / shard).write_bytes(
        b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes() for array in graph.weights.values())
    )
    dims = lambda *sizes: {"dim": [{"size": str(size)} for size in sizes]}
    tensor = lambda name, *sizes: {"name": f"{name}:0", "dtype": "DT_FLOAT", "tensorShape": dims(*sizes)}
    value = {
        "format": "graph-model",
        "generatedBy": tf.__version__,
        "convertedBy": None,
        "signature": {
            "inputs": {"image": tensor("image", -1, HEIGHT, WIDTH, 3)},
            "outputs": {"Identity": tensor("Identity", -1, 4 + CLASSES, 40)},
        },
        "modelTopology": {"node": graph.nodes, "library": {}, "versions": {"producer": 1882}},
        "weightsManifest": [{"paths": [shard], "weights": weights}],
    }
    (folder / "model.json").write_text(json.dumps(value, indent=1) + "\n")


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    pixels = textured_image(SEED, HEIGHT, WIDTH)
    for i, name in enumerate(NETS):
        write_detector(name, SEED + i, pixels)
    write_embedding(SEED + 50, pixels, textured_image(SEED + 1, HEIGHT, WIDTH))
    write_graph(pixels)


if __name__ == "__main__":
    main()
