# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "tf_keras==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/tables/rows.json: for each row of docs/tables/layers that is read, a net of that layer.

    python tools/oracles/layer_rows.py

Keras 3 and Keras 2 each make the layer as the row says, write its JSON, and compute in float64 its output and the
gradient of a drawn score with respect to its inputs. Where both agree the row has one set of numbers and two JSONs.
Inputs, weights and scores are drawn once for each shape and stored once (`pool`). Of a layer that does nothing at
inference only its JSON is kept: this script sees to it that it gives out what goes in.
"""

import json
import os
import zlib
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
import numpy as np
import tensorflow as tf
import tf_keras

from fixture_json import float32

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "docs/tables/layers"
FILE = ROOT / "packages/core/test/fixtures/tables/rows.json"
# Called with each input as an argument of its own.
CALLED_APART = {"MultiHeadAttention", "GroupQueryAttention"}
LIBRARIES = {"keras3": keras, "keras2": tf_keras}
# Two ways of the same sums in float64 and, where a library has no other, float32.
SAME_NUMBERS = 2e-6


class Pool:
    """Arrays by their key, each drawn once, from a seed that is the key's."""

    def __init__(self):
        self.arrays = {}

    def draw(self, kind, shape):
        key = f"{kind} {','.join(map(str, shape))}"
        if key not in self.arrays:
            random = np.random.Generator(np.random.PCG64(zlib.crc32(key.encode())))
            if kind == "positive":
                values = random.uniform(0.5, 1.5, shape)
            elif kind == "weight" and len(shape) > 1:
                values = random.standard_normal(shape) * 1.4 / np.sqrt(np.prod(shape[:-1]))
            else:
                values = random.standard_normal(shape) * (0.5 if kind == "weight" else 1.2)
            self.arrays[key] = values.astype(np.float32)
        return key, self.arrays[key]


def rows_of(name, layer):
    """(option, value, arguments, input shapes, writers) of each row."""
    base, inputs = layer.get("with", {}), layer["inputs"]
    everyone = list(LIBRARIES)
    yield None, None, base, inputs, layer.get("by", everyone)
    for shapes in layer.get("more", []):
        yield None, None, base, shapes, everyone
    for option, says in layer.get("options", {}).items():
        for entry in says.get("read", []):
            entry = entry if isinstance(entry, dict) and "is" in entry else {"is": entry}
            arguments = {**base, **entry.get("with", {}), option: entry["is"]}
            yield option, entry["is"], arguments, entry.get("inputs", inputs), entry.get("by", everyone)


def has_option(library, name, option, options):
    layers = options[library]["layers"]
    return name in layers and (option is None or option in layers[name])


def suffix_of(variable, library):
    path = variable.path if library == "keras3" else variable.name.split(":")[0]
    return path[path.index("layer/") + len("layer/") :]


def make(library, name, arguments, shapes, dtype):
    k = LIBRARIES[library]
    inputs = [k.layers.Input(shape, name=f"in{i}", dtype=dtype) for i, shape in enumerate(shapes)]
    layer = getattr(k.layers, name)(name="layer", dtype=dtype, **arguments)
    if name in CALLED_APART:
        output = layer(*inputs)
    else:
        output = layer(inputs if len(inputs) > 1 else inputs[0])
    return k.Model(inputs, output), layer


def measure(library, name, arguments, shapes, pool):
    model, layer = make(library, name, arguments, shapes, "float32")
    found = json.loads(model.to_json())["config"]["layers"]
    entry = next(one for one in found if one["config"]["name"] == "layer")
    keys, values = {}, []
    for variable in layer.weights:
        suffix = suffix_of(variable, library)
        shape = tuple(variable.shape)
        if "count" in suffix or "seed_generator" in suffix:
            values.append(np.zeros(shape))
            continue
        positive = "variance" in suffix or suffix in ("gamma", "scale")
        keys[suffix], value = pool.draw("positive" if positive else "weight", shape)
        values.append(value)
    try:
        model, layer = make(library, name, arguments, shapes, "float64")
        x = [tf.constant(pool.draw(f"input{i}", [1, *shape])[1], tf.float64) for i, shape in enumerate(shapes)]
        output, gradients, upstream = run(model, layer, values, x, pool)
    except (tf.errors.InvalidArgumentError, TypeError, ValueError):
        model, layer = make(library, name, arguments, shapes, "float32")
        x = [tf.constant(pool.draw(f"input{i}", [1, *shape])[1], tf.float32) for i, shape in enumerate(shapes)]
        output, gradients, upstream = run(model, layer, values, x, pool)
    inputs = [pool.draw(f"input{i}", [1, *shape])[0] for i, shape in enumerate(shapes)]
    return {"entry": entry, "inputs": inputs, "weights": keys, "upstream": upstream, "output": output,
            "gradients": gradients}


def run(model, layer, values, x, pool):
    if values:
        layer.set_weights(values)
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = model(x, training=False)
        key, upstream = pool.draw("upstream", [int(n) for n in output.shape])
        score = tf.reduce_sum(tf.cast(output, tf.float64) * upstream)
    gradients = tape.gradient(score, x, unconnected_gradients="zero")
    return output.numpy(), [one.numpy() for one in gradients], key


def agree(a, b):
    """Whether two libraries compute the same, and say the same of their weights."""
    if a["weights"] != b["weights"] or a["output"].shape != b["output"].shape:
        return False
    pairs = [(a["output"], b["output"]), *zip(a["gradients"], b["gradients"])]
    return all(np.abs(x - y).max() <= SAME_NUMBERS * max(np.abs(x).max(), 1e-30) for x, y in pairs)


def write_row(name, option, value, found):
    """Rows of one value: one where the libraries agree, else one for each."""
    groups = []
    for library, one in found.items():
        for group in groups:
            if agree(next(iter(group.values())), one):
                group[library] = one
                break
        else:
            groups.append({library: one})
    for group in groups:
        one = next(iter(group.values()))
        row = {"layer": name, "option": option, "value": value}
        row["entries"] = {library: each["entry"] for library, each in group.items()}
        row |= {"inputs": one["inputs"], "weights": one["weights"], "upstream": one["upstream"]}
        row["output"] = float32(one["output"])
        row["gradients"] = [float32(gradient)["float32"] for gradient in one["gradients"]]
        yield row


def check_nothing(name, one, pool):
    """At inference the layer gives out what goes in."""
    np.testing.assert_array_equal(one["output"].astype(np.float32), pool.arrays[one["inputs"][0]], err_msg=name)


def main():
    options = json.loads((FILE.parent / "keras-options.json").read_text())
    pool, rows, plain = Pool(), [], []
    for table in sorted(TABLES.glob("*.json"), key=lambda path: int(path.name.split("-")[0])):
        for name, layer in json.loads(table.read_text())["layers"].items():
            does = layer["does"]
            if does not in ("read", "as", "nothing") or not layer["inputs"]:
                continue
            for option, value, arguments, shapes, writers in rows_of(name, layer):
                found = {}
                for library in writers:
                    if not has_option(library, name, option, options):
                        continue
                    if option == "activation" and name == "Activation" and value not in options[library]["activations"]:
                        continue
                    LIBRARIES[library].backend.clear_session()
                    try:
                        found[library] = measure(library, name, arguments, shapes, pool)
                    except Exception as error:
                        print(f"{library} {name} {option}={value!r}: {type(error).__name__} {str(error).splitlines()[0][:150]}")
                if not found and writers:
                    print(f"NO ROW {name} {option}={value!r}")
                if does == "nothing":
                    for library, one in found.items():
                        check_nothing(name, one, pool)
                        plain.append({"layer": name, "writer": library, "shape": shapes[0], "entry": one["entry"]})
                else:
                    rows += write_row(name, option, value, found)
    parts = [
        ' "pool": {\n' + ",\n".join(f"  {json.dumps(k)}: {json.dumps(float32(v))}" for k, v in pool.arrays.items()) + "\n }",
        ' "rows": [\n' + ",\n".join(f"  {json.dumps(row, separators=(',', ':'))}" for row in rows) + "\n ]",
        ' "nothing": [\n' + ",\n".join(f"  {json.dumps(row, separators=(',', ':'))}" for row in plain) + "\n ]",
    ]
    FILE.write_text("{\n" + ",\n".join(parts) + "\n}\n")
    print(f"{len(rows)} rows, {len(plain)} layers that do nothing, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
