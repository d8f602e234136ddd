# /// script
# requires-python = ">=3.11"
# dependencies = ["tensorflow==2.21.0", "keras==3.15.1", "h5py==3.14.0", "numpy"]
# ///
"""Random nets as Keras 3 saves them, `.keras` and `.h5`, with TensorFlow's output.

    python random_keras_files.py <folder> [--count 100] [--seed 1]

The nets are those of `random_models.py`. For each, the folder gets NNN.keras, NNN.h5 and NNN.json with an input
and the net's output. Nets that Keras cannot save as `.h5` are left out there, which is printed.
"""

import argparse
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # Eigen's kernels: the same sums everywhere

import keras
import numpy as np

from fixture_json import float32
from random_models import draw_net, set_weights

LARGEST_OUTPUT = 1e4
LEAST_OUTPUT = 1e-3


def write_net(place, seed):
    _, model, final = draw_net(seed)
    rng = np.random.default_rng(seed)
    set_weights(model, rng)
    x = rng.uniform(0, 1, (1, *model.input_shape[1:])).astype("float32")
    output = np.asarray(model(x, training=False))
    size = np.abs(output).max()
    # An output that has all but vanished is rounding, on both sides.
    if not np.isfinite(size) or not LEAST_OUTPUT < size < LARGEST_OUTPUT:
        return None
    endings = []
    for ending in ("keras", "h5"):
        try:
            model.save(f"{place}.{ending}")
            endings.append(ending)
        except Exception as error:
            pathlib.Path(f"{place}.{ending}").unlink(missing_ok=True)
            print(f"{place.name}.{ending} is left out: {str(error).splitlines()[0]}")
    expected = {"final": final, "endings": endings, "input": float32(x), "output": float32(output)}
    pathlib.Path(f"{place}.json").write_text(json.dumps(expected) + "\n")
    return endings


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    made, seed, files = 0, given.seed * 100_000, 0
    while made < given.count:
        keras.backend.clear_session()
        endings = write_net(given.folder / f"{made:03d}", seed)
        if endings is not None:
            made += 1
            files += len(endings)
        seed += 1
    print(f"{made} nets in {files} files, of {seed - given.seed * 100_000} drawn")


if __name__ == "__main__":
    main()
