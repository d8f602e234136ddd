# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/nets from scratch: small random nets and their explanations.

python tools/oracles/random_nets.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from cam_formulas import maps_and_scales
from fixture_json import float32, rounded, write_json
from keras_kits import FileKit, MeasuringKit, output_of
from layers_model_files import flat_layers, weight_name, write_layers_model
from relu_rules import RULES
from small_nets import NETS
from textured_images import textured_image
from variable_sources import DrawnVariables

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/nets"
SEED = 4


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    for i, net in enumerate(NETS):
        folder = FOLDER / net.name
        folder.mkdir(parents=True)
        write_net(folder, net, SEED + 100 * i)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{size:7d}  {net.name}")
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/random_nets.py` (one command, from scratch) with TensorFlow
{tf.__version__}, Keras {keras.__version__}, NumPy {np.__version__} on CPU; seed {SEED}. Random weights, computed images.

Each folder is a tfjs LayersModel (`model.json`, one shard). `expected.json`: input values, output
and logits; for each tap activations, gradients of the class's logit and raw maps (before the final
ReLU) of five methods; the input's gradient under each ReLU rule. Computed in float64 with all parts
in one flat graph, stored as base64 of little-endian float32. `scales` is the yardstick of a map's
error: the largest sum over channels, without signs, of what is added up in a cell.
"""
    )


def write_net(folder, net, seed):
    measured = build(net, MeasuringKit())
    set_random_weights(measured, input_batch(measured, seed + 1, 12), seed)
    values = {layer.name: layer.get_weights() for layer in flat_layers(measured) if layer.weights}
    filed = build(net, FileKit())
    for layer in flat_layers(filed):
        if layer.weights:
            layer.set_weights(values[layer.name])
    inputs = input_batch(measured, seed, 1)
    results = {rule: explain(build(net, MeasuringKit(rule)), values, net, inputs) for rule in RULES}
    value = expectations(net, inputs, results)
    # The float32 file and the float64 graph must be one net.
    output = np.asarray(filed(inputs, training=False))
    np.testing.assert_allclose(
        output, results["plain"]["output"], rtol=1e-4, atol=1e-5, equal_nan=False
    )
    if net.sequential:
        filed = keras.Sequential(filed.layers, name=net.name)
    write_layers_model(folder, filed, net.form)
    write_json(folder / "expected.json", value)


def build(net, kit):
    inputs, output = net.build(kit)
    return keras.Model(inputs, output, name=net.name.replace("-", "_"))


def input_batch(model, seed, count):
    """Images as float32 in 0..255 where the net rescales, else -1..1; other inputs are normal."""
    rescales = any(layer.__class__.__name__ == "Rescaling" for layer in model.layers)
    random = np.random.Generator(np.random.PCG64(seed))
    batch = []
    for tensor in model.inputs:
        shape = tensor.shape[1:]
        if len(shape) == 3:
            images = [
                textured_image(seed + 7 * i, *shape[:2]).astype(np.float32) for i in range(count)
            ]
            batch.append(np.stack(images) if rescales else np.stack(images) / np.float32(127.5) - 1)
        else:
            batch.append(random.standard_normal((count, *shape)).astype(np.float32))
    return batch


def set_random_weights(model, batch, seed):
    """Layer by layer, from what reaches it."""
    source = DrawnVariables(seed, logits=("logits", "predictions"), sparse=("conv3",))
    for layer in model.layers:
        if not layer.weights:
            continue
        x = tf.cast(keras.Model(model.inputs, layer.input)(batch, training=False), tf.float32)
        kind, name, weights = layer.__class__.__name__, layer.name, layer.weights
        if kind == "BatchNormalization":
            layer.set_weights(source.batch_norm(name, x))
            continue
        if kind in ("LayerNormalization", "GroupNormalization", "LayerScale"):
            draw = source.random
            factor = draw.uniform(0.5, 1.5, weights[0].shape)
            shifts = [draw.normal(0, 0.5, weight.shape) for weight in weights[1:]]
            layer.set_weights([np.float32(value) for value in (factor, *shifts)])
            continue
        shape = tuple(weights[0].shape)
        if len(weights) == 1:
            layer.set_weights([source.kernel(f"{name}/{weight_name(layer, weights[0])}", shape, x)])
            continue

        def apply(kernel):
            layer.set_weights([kernel, np.zeros(weights[1].shape)])
            saved, layer.activation = layer.activation, None
            y = layer(tf.cast(x, layer.dtype))
            layer.activation = saved
            return tf.cast(y, tf.float32)

        # A grouped kernel sees a part of the channels only: its input's mean is not one vector.
        seen = x[..., : shape[-2]]
        layer.set_weights(
            source.biased_kernel(f"{name}/kernel", f"{name}/bias", shape, seen, apply)
        )


def explain(model, values, net, inputs):
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(values[layer.name])
    taps = [model.get_layer(name).output for name in net.taps]
    everything = keras.Model(model.inputs, [*taps, model.output])
    x = [tf.constant(value, tf.float64) for value in inputs]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        *activations, logits = everything(x, training=False)
        order = np.argsort(-logits.numpy()[0], kind="stable")
        classes = [int(order[0])] if len(order) == 1 else [int(order[0]), int(order[2])]
        scores = {index: logits[0, index] for index in classes}
    gradients = {index: tape.gradient(score, [*activations, *x]) for index, score in scores.items()}
    count = len(taps)
    return {
        "logits": logits.numpy(),
        "output": output_of(logits, net.activation).numpy(),
        "classes": classes,
        "activations": dict(zip(net.taps, [a.numpy()[0] for a in activations])),
        "gradients": {
            c: dict(zip(net.taps, [g.numpy()[0] for g in gs[:count]]))
            for c, gs in gradients.items()
        },
        "inputs": {c: [g.numpy() for g in gs[count:]] for c, gs in gradients.items()},
    }


def expectations(net, inputs, results):
    plain = results["plain"]
    pairs = [(tap, index) for index in plain["classes"] for tap in net.taps]
    maps = {}
    for tap, index in pairs:
        found = maps_and_scales(plain["activations"][tap], plain["gradients"][index][tap])
        maps[f"{tap}@{index}"] = {
            **{name: float32(map_) for name, (map_, _) in found.items()},
            "scales": {name: rounded(scale) for name, (_, scale) in found.items()},
        }
    first = plain["classes"][0]
    return {
        "net": net.name,
        "inputs": {name: float32(x) for name, x in zip(("image", "facts"), inputs)},
        "output": float32(plain["output"]),
        "logits": float32(plain["logits"]),
        "finalActivation": net.activation,
        "classes": plain["classes"],
        "activations": {tap: float32(plain["activations"][tap]) for tap in net.taps},
        "gradients": {f"{t}@{c}": float32(plain["gradients"][c][t]) for t, c in pairs},
        "maps": maps,
        "inputGradients": {
            f"{rule}@{first}": float32(result["inputs"][first][0])
            for rule, result in results.items()
        },
    }


if __name__ == "__main__":
    main()
