# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "tf_keras==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/tables/rows.json: for each row of docs/tables/layers that is read, a net of that layer.

    python tools/oracles/layer_rows.py [LAYER ..]

Without names of layers all rows are written anew; with names the other layers keep theirs.
Keras 3 and Keras 2 each make the layer as the row says, write its JSON, and compute in float64 its output and the
gradient of a drawn score with respect to its inputs. Where both agree the row has one set of numbers and two JSONs.
Inputs, weights and scores are drawn once for each shape and stored once (`pool`). Of a layer that does nothing at
inference only its JSON is kept: this script sees to it that it gives out what goes in.
"""

import argparse
import base64
import json
import os
import zlib
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
import numpy as np
import tensorflow as tf

try:
    import tf_keras
except ImportError:
    tf_keras = None

from fixture_json import float32

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "docs/tables/layers"
FILE = ROOT / "packages/core/test/fixtures/tables/rows.json"
# Called with each input as an argument of its own.
CALLED_APART = {"MultiHeadAttention", "GroupQueryAttention"}
# Takes indices, with respect to which there is no gradient.
TAKES_INDICES = {"Embedding"}
LIBRARIES = {"keras3": keras} | ({"keras2": tf_keras} if tf_keras else {})
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
            elif kind.startswith("below"):
                values = random.integers(0, int(kind.removeprefix("below")), shape)
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


def build(k, value, dtype):
    """The layer or cell that an option holds, from its JSON; any other value as it is."""
    if isinstance(value, list):
        return [build(k, one, dtype) for one in value]
    if not isinstance(value, dict) or "class_name" not in value:
        return value
    config = {name: build(k, one, dtype) for name, one in value["config"].items()}
    return getattr(k.layers, value["class_name"])(dtype=dtype, **config)


def make(library, name, arguments, shapes, dtype):
    k = LIBRARIES[library]
    arguments = {option: build(k, value, dtype) for option, value in arguments.items()}
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
    indices = name in TAKES_INDICES
    drawn = [pool.draw(f"below{arguments['input_dim']}" if indices else f"input{i}", [1, *shape]) for i, shape in enumerate(shapes)]
    try:
        model, layer = make(library, name, arguments, shapes, "float64")
        x = [tf.constant(value, tf.float64) for _, value in drawn]
        output, gradients, upstream = run(model, layer, values, x, pool)
    except (tf.errors.InvalidArgumentError, TypeError, ValueError):
        model, layer = make(library, name, arguments, shapes, "float32")
        x = [tf.constant(value, tf.float32) for _, value in drawn]
        output, gradients, upstream = run(model, layer, values, x, pool)
    gradients = [] if indices else gradients
    return {"entry": entry, "inputs": [key for key, _ in drawn], "weights": keys, "upstream": upstream, "output": output,
            "gradients": gradients}


def run(model, layer, values, x, pool):
    if values:
        layer.set_weights(values)
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()
    # On a CPU, TensorFlow itself has no convolution with channels first; XLA has.
    @tf.function(jit_compile=getattr(layer, "data_format", None) == "channels_first")
    def compute():
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = model(x, training=False)
            score = tf.reduce_sum(tf.cast(output, tf.float64) * upstream)
        return output, tape.gradient(score, x, unconnected_gradients="zero")

    key, upstream = pool.draw("upstream", [1 if n is None else n for n in model.output_shape])
    output, gradients = compute()
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


def decoded(stored):
    return np.frombuffer(base64.b64decode(stored["float32"]), np.float32).reshape(stored["shape"])


def check_nothing(name, one, pool):
    """At inference the layer gives out what goes in."""
    np.testing.assert_array_equal(one["output"].astype(np.float32), pool.arrays[one["inputs"][0]], err_msg=name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("layers", nargs="*")
    only = parser.parse_args().layers
    if not only and tf_keras is None:
        parser.error("all rows need tf_keras, which is not installed; name the layers to write for Keras 3 alone")
    options = json.loads((FILE.parent / "keras-options.json").read_text())
    pool, rows, plain = Pool(), [], []
    for table in sorted(TABLES.glob("*.json"), key=lambda path: int(path.name.split("-")[0])):
        for name, layer in json.loads(table.read_text())["layers"].items():
            does = layer["does"]
            if does not in ("read", "as", "nothing") or not layer["inputs"] or (only and name not in only):
                continue
            for option, value, arguments, shapes, writers in rows_of(name, layer):
                found = {}
                for library in writers:
                    if library not in LIBRARIES or not has_option(library, name, option, options):
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
    if only:
        before = json.loads(FILE.read_text())
        keep = lambda old, new: [one for one in old if one["layer"] not in only] + new
        rows, plain = keep(before["rows"], rows), keep(before["nothing"], plain)
        pool.arrays = {key: decoded(value) for key, value in before["pool"].items()} | pool.arrays
    parts = [
        ' "pool": {\n' + ",\n".join(f"  {json.dumps(k)}: {json.dumps(float32(v))}" for k, v in pool.arrays.items()) + "\n }",
        ' "rows": [\n' + ",\n".join(f"  {json.dumps(row, separators=(',', ':'))}" for row in rows) + "\n ]",
        ' "nothing": [\n' + ",\n".join(f"  {json.dumps(row, separators=(',', ':'))}" for row in plain) + "\n ]",
    ]
    FILE.write_text("{\n" + ",\n".join(parts) + "\n}\n")
    print(f"{len(rows)} rows, {len(plain)} layers that do nothing, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
