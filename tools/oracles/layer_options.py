# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "tf_keras==2.21.0"]
# ///
"""Writes packages/core/test/fixtures/tables/keras-options.json: every layer of Keras 3 and Keras 2 and its options.

    python tools/oracles/layer_options.py

The lists come from the libraries themselves: all classes that `layers` of each exports, and all named arguments of
their constructors and of the constructors that they hand the rest on to. A test sees to it that each has a row in
docs/tables/layers.
"""

import inspect
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tf_keras

FILE = Path(__file__).parents[2] / "packages/core/test/fixtures/tables/keras-options.json"
# What every layer takes, by either library's base class.
OF_EVERY_LAYER = ["name", "trainable", "dtype", "activity_regularizer", "autocast", "dynamic"]
# Exported beside the layers, and never in a file as one.
NO_LAYERS = {"InputSpec", "Layer", "Wrapper", "AbstractRNNCell", "DeviceWrapper", "DropoutWrapper", "ResidualWrapper",
             "ClassMethod", "InstanceMethod", "InstanceProperty", "VersionAwareLayers", "PreprocessingLayer"}


# What a constructor gives to the one above it: nothing that a file says.
GIVEN_ABOVE = {"rank", "pool_dimensions", "pool_mode", "pool_function", "conv_op", "force_generator", "input_tensor",
               "type_spec", "adjustment"}


def list_options(cls, base):
    """Named arguments of the constructor; where it takes any, those of the class above as well."""
    found = []
    for one in inspect.getmro(cls):
        if one is base or one is object:
            break
        if "__init__" not in vars(one):
            continue
        arguments = list(inspect.signature(vars(one)["__init__"]).parameters.values())[1:]
        found += [a.name for a in arguments if a.kind in (a.POSITIONAL_OR_KEYWORD, a.KEYWORD_ONLY)]
        if not any(a.kind == a.VAR_KEYWORD for a in arguments):
            break
    above = GIVEN_ABOVE | (set() if cls.__name__ == "RNN" else {"cell"})
    return sorted(set(found) - set(OF_EVERY_LAYER) - above)


def list_layers(layers, base):
    """Class name to options, and other exported names of the same class."""
    classes, aliases = {}, {}
    for name in sorted(dir(layers)):
        cls = getattr(layers, name)
        if not isinstance(cls, type) or not issubclass(cls, base) or name in NO_LAYERS:
            continue
        if cls.__name__ == name or cls.__name__ not in dir(layers):
            classes[name] = list_options(cls, base)
        else:
            aliases[name] = cls.__name__
    return {"layers": classes, "aliases": aliases}


def main():
    FILE.parent.mkdir(parents=True, exist_ok=True)
    activations = lambda module: sorted(n for n in dir(module) if inspect.isfunction(getattr(module, n)) and n not in
                                        ("get", "serialize", "deserialize"))
    value = {
        "keras3": {"version": keras.__version__, **list_layers(keras.layers, keras.layers.Layer),
                   "activations": activations(keras.activations)},
        "keras2": {"version": "2.21.0", **list_layers(tf_keras.layers, tf_keras.layers.Layer),
                   "activations": activations(tf_keras.activations)},
    }
    lines = []
    for writer, lists in value.items():
        inner = [f'  "version": {json.dumps(lists["version"])}', f'  "activations": {json.dumps(lists["activations"])}',
                 f'  "aliases": {json.dumps(lists["aliases"])}']
        rows = ",\n".join(f"   {json.dumps(k)}: {json.dumps(v)}" for k, v in lists["layers"].items())
        inner.append(f'  "layers": {{\n{rows}\n  }}')
        lines.append(f' "{writer}": {{\n' + ",\n".join(inner) + "\n }")
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
