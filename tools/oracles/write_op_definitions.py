# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["tensorflow-cpu==2.21.0"]
# ///
"""Writes packages/converter/src/formats/graph-def/op-definitions.generated.ts: of every op that may stand in a
GraphModel, the names of its outputs and the defaults of its attributes, by TensorFlow's registry.

SavedModels leave out attributes that have their default, and the nodes of a function name outputs by words.

python tools/oracles/write_op_definitions.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import re
from pathlib import Path

import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow.python.framework import op_def_registry

ROOT = Path(__file__).parents[2]
LISTS = ROOT / "node_modules/@tensorflow/tfjs-converter/dist/operations/op_list"
OUT = ROOT / "packages/converter/src/formats/graph-def/op-definitions.generated.ts"

# Ops of tfjs that need loops, tables, texts or random numbers are not converted.
WITHOUT = {"control", "hash_table", "string", "tfdf", "ragged", "sparse"}
RANDOM = {"RandomStandardNormal", "RandomUniform", "RandomUniformInt", "TruncatedNormal", "Multinomial"}

# Ops that core translates and tfjs does not run.
TRANSLATED = ["BatchMatMulV3", "CheckNumerics", "Div", "PreventGradient", "Softsign", "SpaceToDepth"]

# Ops that the conversion itself takes out of the graph.
FOLDED = [
    *["BatchNormWithGlobalNormalization", "Merge", "ReadVariableOp", "RestoreV2", "Switch", "VarHandleOp"],
    *["PartitionedCall", "StatefulPartitionedCall", "If", "StatelessIf", "Variable", "VariableV2"],
]

# They concern graphics cards and the compiler.
UNREAD = {"use_cudnn_on_gpu", "container", "shared_name", "config", "config_proto", "executor_type", "debug_name"}

HEAD = """import type { RegisteredOp } from './registered-op.ts';

/**
 * The outputs of ops by their names, and the attributes that have a default, by TensorFlow %s.
 * Written by tools/oracles/write_op_definitions.py.
 */
export const OP_DEFINITIONS: Readonly<Record<string, RegisteredOp>> = {
"""


def list_ops():
    names = set(TRANSLATED) | set(FOLDED)
    for file in sorted(LISTS.glob("*.js")):
        if file.stem in WITHOUT:
            continue
        names |= set(re.findall(r"'tfOpName': '(\w+)'", file.read_text()))
    return sorted(names - RANDOM)


def main():
    definitions = {}
    for name in list_ops():
        op = op_def_registry.get(name)
        if op is None:
            print(f"{name}: no op of TensorFlow")
            continue
        listed = [arg for arg in op.output_arg if arg.number_attr or arg.type_list_attr]
        assert not listed or len(op.output_arg) == 1, name
        definitions[name] = {
            "outputs": [arg.name for arg in op.output_arg],
            "defaults": {
                attr.name: MessageToDict(attr.default_value)
                for attr in op.attr
                if attr.HasField("default_value") and not attr.name.startswith("_") and attr.name not in UNREAD
            },
        }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"  {name}: {json.dumps(definition)},\n" for name, definition in definitions.items()]
    OUT.write_text(HEAD % tf.__version__ + "".join(lines) + "};\n")
    print(f"{len(definitions)} ops")


if __name__ == "__main__":
    main()
