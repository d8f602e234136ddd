"""The scenes that render.mjs wrote, as arrays; NumPy only."""

import json
from pathlib import Path

import numpy as np


def load_scenes(folder, split):
    """pixels [n,h,w,3] uint8 (mapped from the file), objects: per scene a list of {index, box}."""
    folder = Path(folder)
    header = json.loads((folder / f"{split}.json").read_text())
    scenes = header["scenes"]
    shape = (len(scenes), header["height"], header["width"], 3)
    pixels = np.memmap(folder / f"{split}.u8", np.uint8, "r", shape=shape)
    return pixels, scenes, header["labels"]


def label_matrix(scenes, classes):
    """1 where the scene holds an object of the class: all that training is told."""
    labels = np.zeros((len(scenes), classes), np.float32)
    for i, objects in enumerate(scenes):
        for one in objects:
            labels[i, one["index"]] = 1
    return labels


def point_in_box(x, y, box):
    return (
        box["x"] <= x < box["x"] + box["width"] and box["y"] <= y < box["y"] + box["height"]
    )


def peak_point(cam, side):
    """Centre, in pixels, of the largest cell; ties go to the first in row-major order."""
    row, column = np.unravel_index(np.argmax(cam), cam.shape)
    return (column + 0.5) * side / cam.shape[1], (row + 0.5) * side / cam.shape[0]
