# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Freezes architectures of keras.applications, packs them as tfjs GraphModels, and compares both forms of each net.

    python tools/zoo/frozen_zoo.py RESULTS [NET ..]

Each net is written twice: as a tfjs LayersModel, and as the GraphModel that TensorFlow's freezing gives, with batch
normalisations folded and biases and activations fused as the tfjs converter does it. Node explains both. Writes
RESULTS/frozen/NET.json; the models are removed. Random weights, seeded.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "oracles"))

from frozen_nets import Frozen, freeze, write_graph  # First: it quiets TensorFlow.

import keras
import numpy as np
import tensorflow as tf
from keras import applications

from layers_model_files import write_layers_model

CLASSES = 20
SEED = 1998
COMPARE = Path(__file__).with_name("compare-models.mjs")

# Constructors of keras.applications with the size of the picture, and what makes the net smaller.
NETS = {
    "MobileNet": (64, {"alpha": 0.25}),
    "MobileNetV2": (64, {"alpha": 0.35}),
    "MobileNetV3Small": (64, {"alpha": 0.75}),
    "MobileNetV3Large": (64, {"alpha": 0.75}),
    "EfficientNetB0": (64, {}),
    "EfficientNetV2B0": (64, {}),
    "ResNet50": (64, {}),
    "ResNet50V2": (64, {}),
    "DenseNet121": (64, {}),
    # At 96 x 96 its last stage has a single cell: too few for the statistics of batch normalisations.
    "InceptionV3": (160, {}),
    "Xception": (96, {}),
    "NASNetMobile": (64, {}),
    "VGG16": (32, {}),
}


def main():
    folder = Path(sys.argv[1]) / "frozen"
    folder.mkdir(parents=True, exist_ok=True)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    for name in sys.argv[2:] or NETS:
        start = time.monotonic()
        found = {"net": name, **measure(name)}
        (folder / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
        print(f"{name}: {time.monotonic() - start:.0f} s, {found}", flush=True)


def measure(name):
    size, options = NETS[name]
    model = build(name, size, options)
    with tempfile.TemporaryDirectory() as scratch:
        layers, graph = (Path(scratch) / form for form in ("layers", "graph"))
        layers.mkdir()
        graph.mkdir()
        write_layers_model(layers, model, "keras3")
        frozen, output = pack(model, size)
        write_graph(graph, frozen, output, size)
        random = np.random.Generator(np.random.PCG64(SEED))
        random.uniform(0, brightest(model), (2, size, size, 3)).astype("<f4").tofile(Path(scratch) / "pictures.f32")
        command = ["node", str(COMPARE), scratch, str(size)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ})
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "Error: " in line]
        return {"size": size, "why": lines[0] if lines else f"ended with {done.returncode}"}
    return {"size": size, "nodes": len(frozen.nodes), **json.loads(done.stdout)}


def build(name, size, options):
    keras.backend.clear_session()
    keras.utils.set_random_seed(SEED)
    make = getattr(applications, name)
    model = make(weights=None, input_shape=(size, size, 3), classes=CLASSES, **options)
    draw_weights(model, np.random.Generator(np.random.PCG64(SEED)))
    # Statistics of a forward pass on noise, so that no layer's values vanish or explode.
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    model(tf.random.uniform((8, size, size, 3), 0, brightest(model)), training=True)
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
    return model


def brightest(model):
    """The largest pixel: nets that rescale their pixels themselves take bytes."""
    return 255 if any(isinstance(layer, keras.layers.Rescaling) for layer in model.layers) else 1


def draw_weights(model, random):
    """Kernels stay as Keras draws them. Scales, shifts and biases differ by channel, so that a wrong one shows."""
    bounds = {"gamma": (0.6, 1.4), "beta": (-0.2, 0.2), "bias": (-0.1, 0.1)}
    for weight in model.weights:
        if weight.name in bounds:
            weight.assign(random.uniform(*bounds[weight.name], weight.shape))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.set_weights([np.full_like(one, value) for one, value in zip(layer.get_weights(), (0.45, 0.05, 0))])
            layer.finalize_state()


def pack(model, size):
    graph_def, output = freeze(model, size)
    frozen = Frozen(graph_def)
    frozen.fold_batch_norms()
    frozen.prune(output.split(":")[0])
    frozen.fuse()
    frozen.prune(output.split(":")[0])
    return frozen, output


if __name__ == "__main__":
    main()
