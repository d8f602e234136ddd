# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/loops: a small detector inside loops, as the Object Detection API exports them.

Each graph resizes the pictures of a batch in a loop, and suppresses boxes in a second loop. TensorFlow writes it with
TensorLists (`lists`, control flow of TensorFlow 2, lowered as the tfjs converter lowers it) and with TensorArrays
(`arrays`, control flow of TensorFlow 1). The attributes of `arrays` are written as the first converters wrote them.
Beside each stand the scores and boxes before the suppression, the boxes behind it, and Grad-CAM in float64.

    python tools/oracles/loop_detectors.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from fixture_json import float32, write_json
from frozen_nets import SHARD, Frozen, pack_graph, stated
from textured_images import textured_image

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/loops"
SEED = 20261201
HEIGHT, WIDTH = 32, 48
"""The size to which the graph resizes."""
OTHER = (40, 56)
CLASSES, PER_CELL = 3, 2
SCORE, IOU, MOST = 0.25, 0.45, 20
PLACES = (HEIGHT // 8) * (WIDTH // 8) * PER_CELL


def draw(random):
    def kernel(*shape):
        return (1.4 * random.standard_normal(shape) / np.sqrt(np.prod(shape[:3]))).astype(np.float32)

    rows, columns = HEIGHT // 8, WIDTH // 8
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij")
    centres = np.repeat(np.stack([y, x], -1).reshape(-1, 2), PER_CELL, 0)
    sides = np.tile([[0.4, 0.3], [0.25, 0.5]], (rows * columns, 1))
    return {
        "stem": kernel(3, 3, 3, 8),
        "deep": kernel(3, 3, 8, 12),
        "scores": 2 * kernel(3, 3, 12, PER_CELL * (CLASSES + 1)),
        "boxes": 0.4 * kernel(3, 3, 12, PER_CELL * 4),
        "anchors": np.concatenate([centres, sides], -1).astype(np.float32),
    }


def raw(pixels, weights, dtype):
    """Features, scores with the background first, and boxes [y, x, y, x], of pixels 0..255 at the own size."""
    w = {name: tf.constant(value, dtype) for name, value in weights.items()}
    x = pixels / tf.constant(127.5, dtype) - tf.constant(1, dtype)
    x = tf.nn.relu(tf.nn.conv2d(x, w["stem"], 4, "SAME"))
    features = tf.nn.relu(tf.nn.conv2d(x, w["deep"], 2, "SAME"), name="features")
    return features, *heads(features, w)


def heads(features, w):
    numbers = tf.reshape(tf.nn.conv2d(features, w["scores"], 1, "SAME"), [-1, PLACES, CLASSES + 1])
    scores = tf.sigmoid(numbers - tf.constant(2, numbers.dtype))
    code = tf.reshape(tf.nn.conv2d(features, w["boxes"], 1, "SAME"), [-1, PLACES, 4])
    centre = code[..., :2] * w["anchors"][:, 2:] + w["anchors"][:, :2]
    side = tf.exp(code[..., 2:]) * w["anchors"][:, 2:]
    return scores, tf.concat([centre - side / 2, centre + side / 2], -1)


def suppress(given):
    """Boxes, scores and classes of one picture; each class is suppressed alone."""
    boxes, scores = given
    kept = [
        tf.image.non_max_suppression(boxes, scores[:, c], MOST, iou_threshold=IOU, score_threshold=SCORE)
        for c in range(CLASSES)
    ]
    places = tf.concat(kept, 0)
    classes = tf.concat([tf.fill([tf.shape(one)[0]], float(c)) for c, one in enumerate(kept)], 0)
    values = tf.concat([tf.gather(scores[:, c], one) for c, one in enumerate(kept)], 0)
    rest = CLASSES * MOST - tf.shape(places)[0]
    return (
        tf.pad(tf.gather(boxes, places), [[0, rest], [0, 0]]),
        tf.pad(values, [[0, rest]]),
        tf.pad(classes, [[0, rest]]),
    )


def detector(weights, resize):
    def call(image):
        pixels = tf.map_fn(
            lambda one: tf.squeeze(resize(one[tf.newaxis], [HEIGHT, WIDTH]), [0]),
            tf.cast(image, tf.float32),
        )
        _, scores, boxes = raw(pixels, weights, tf.float32)
        named = tf.identity(scores[..., 1:], "raw_scores"), tf.identity(boxes, "raw_boxes")
        found = tf.map_fn(suppress, named[::-1], dtype=(tf.float32, tf.float32, tf.float32))
        return [tf.identity(one, name) for one, name in zip(found, ("boxes", "values", "classes"))]

    return call


def freeze_lists(weights):
    resize = lambda picture, size: tf.image.resize(picture, size)
    spec = tf.TensorSpec([None, None, None, 3], tf.uint8, name="image")
    call = tf.function(detector(weights, resize)).get_concrete_function(spec)
    frozen = convert_variables_to_constants_v2(call, lower_control_flow=True)
    return frozen.graph.as_graph_def()


def freeze_arrays(weights):
    tf.compat.v1.disable_control_flow_v2()
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.uint8, [None, None, None, 3], "image")
        detector(weights, tf.compat.v1.image.resize_bilinear)(image)
    tf.compat.v1.enable_control_flow_v2()
    return graph.as_graph_def()


def in_old_notation(nodes):
    """Texts as lists of their bytes and types as numbers."""

    def plain(value):
        if isinstance(value, list):
            return [plain(one) for one in value]
        if not isinstance(value, dict):
            return value
        made = {}
        for key, one in value.items():
            if key == "s" and isinstance(one, str):
                made[key] = list(base64.b64decode(one))
            elif key == "s":
                made[key] = [list(base64.b64decode(text)) for text in one]
            elif key in ("type", "dtype") and isinstance(one, str):
                made[key] = types_pb2.DataType.Value(one)
            else:
                made[key] = plain(one)
        return made

    for node in nodes:
        node["attr"] = plain(node.get("attr", {}))


def shorten(frozen):
    """Only what the outputs need, with the names of the outputs kept."""
    needed, pending = set(), ["boxes", "values", "classes"]
    while pending:
        name = pending.pop()
        if name in needed:
            continue
        needed.add(name)
        pending += [one.lstrip("^").split(":")[0] for one in frozen.by_name(name).get("input", []) if one[0] != "^"]
    frozen.nodes = [node for node in frozen.nodes if node["name"] in needed]
    frozen.weights = {name: value for name, value in frozen.weights.items() if name in needed}


def write(name, graph_def, weights, pixels, other):
    folder = FOLDER / name
    folder.mkdir(parents=True)
    frozen = Frozen(graph_def)
    fetched = [f"{one}:0" for one in ("raw_scores", "raw_boxes", "boxes", "values", "classes")]
    plain = frozen.session.run(fetched, {"image:0": pixels})
    resized = frozen.session.run(fetched[:2], {"image:0": other})
    shorten(frozen)
    outputs = {one: stated(f"{one}:0") for one in ("boxes", "values", "classes")}
    value, data = pack_graph(frozen, {"image": stated("image:0", "DT_UINT8", (-1, -1, -1, 3))}, outputs)
    if name == "arrays":
        in_old_notation(value["modelTopology"]["node"])
    (folder / SHARD).write_bytes(data)
    (folder / "model.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")

    image = tf.constant(pixels, tf.float64)
    features, scores, boxes = raw(image, weights, tf.float64)
    place, c = np.unravel_index(np.argmax(scores[0, :, 1:]), (PLACES, CLASSES))
    w = {one: tf.constant(value, tf.float64) for one, value in weights.items()}
    with tf.GradientTape() as tape:
        tape.watch(features)
        score = heads(features, w)[0][0, place, c + 1]
    gradient = tape.gradient(score, features)
    cam = tf.reduce_sum(tf.reduce_mean(gradient, [1, 2], keepdims=True) * features, -1)[0]
    assert np.max(np.abs(plain[0] - scores[..., 1:])) < 1e-6
    kept = [i for i in range(CLASSES * MOST) if plain[3][0, i] > 0]
    order = sorted(kept, key=lambda i: -plain[3][0, i])
    write_json(
        folder / "expected.json",
        {
            "pixels": base64.b64encode(pixels.tobytes()).decode(),
            "otherPixels": base64.b64encode(other.tobytes()).decode(),
            "scores": float32(scores[0, :, 1:].numpy()),
            "boxes": float32(boxes[0].numpy()),
            "otherScores": float32(resized[0][0]),
            "otherBoxes": float32(resized[1][0]),
            "best": {"place": int(place), "class": int(c)},
            "features": "features",
            "gradCam": float32(cam.numpy()),
            "kept": [
                {"class": int(plain[4][0, i]), "score": round(float(plain[3][0, i]), 6), "box": [round(float(v), 6) for v in plain[2][0, i]]}
                for i in order
            ],
        },
    )
    print(name, len(frozen.nodes), "nodes,", len(order), "boxes, best", float(scores[0, place, c + 1]), sorted({node["op"] for node in frozen.nodes}))


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    random = np.random.default_rng(SEED)
    weights = draw(random)
    pixels = textured_image(SEED, HEIGHT, WIDTH)[None]
    other = textured_image(SEED + 1, *OTHER)[None]
    write("lists", freeze_lists(weights), weights, pixels, other)
    write("arrays", freeze_arrays(weights), weights, pixels, other)
    (FOLDER / "PROVENANCE.md").write_text(
        "# Where these files come from\n\n"
        f"`tools/oracles/loop_detectors.py`, seed {SEED}, TensorFlow {tf.__version__}, NumPy {np.__version__}. "
        "The weights are random; nothing is downloaded.\n"
    )


if __name__ == "__main__":
    main()
