# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "keras==3.15.1", "numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/ops from scratch: outputs and input gradients of single layers.

python tools/oracles/write_op_fixtures.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import shutil
import zlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import op_cases_convolution as convolution
import op_cases_elementwise as elementwise
import op_cases_pooling as pooling
from fixture_json import write_json
from op_case import run_case
from relu_policy_cases import relu_policy_cases

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/ops"
SEED = 3
FAMILIES = {
    "conv2d": convolution.conv2d,
    "depthwise-conv2d": convolution.depthwise_conv2d,
    "separable-conv2d": convolution.separable_conv2d,
    "conv2d-transpose": convolution.conv2d_transpose,
    "dense": convolution.dense,
    "max-pooling": pooling.max_pooling,
    "average-pooling": pooling.average_pooling,
    "global-pooling": pooling.global_pooling,
    "activations": elementwise.activations,
    "normalisation": elementwise.normalisation,
    "rearranging": elementwise.rearranging,
    "joining": elementwise.joining,
}


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for family, list_cases in FAMILIES.items():
        # A seed of its own for each family: a case added to one leaves the others as they are.
        random = np.random.Generator(np.random.PCG64([SEED, zlib.crc32(family.encode())]))
        cases = [run_case(case, random) for case in list_cases()]
        write_json(FOLDER / f"{family}.json", {"family": family, "cases": cases})
        print(
            f"{len(cases):4d} cases, {(FOLDER / f'{family}.json').stat().st_size:7d} bytes  {family}"
        )
    random = np.random.Generator(np.random.PCG64([SEED, 0]))
    write_json(
        FOLDER / "relu-policies.json",
        {"family": "relu-policies", "cases": relu_policy_cases(random)},
    )
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/write_op_fixtures.py` (one command, from scratch) with TensorFlow
{tf.__version__}, Keras {keras.__version__}, NumPy {np.__version__} on CPU; seed {SEED}. Random numbers only.

Each case is one Keras layer: `op` its class, `attributes` its configuration (what is not given has
Keras 3's default), `inputs`, `weights` by the names of a weight manifest, `output`, and
`inputGradients` of sum(output * `upstream`). Computed in float64, stored as base64 of little-endian
float32. `relu-policies.json`: chains of layers with the input gradient under each ReLU rule.
"""
    )
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{total} bytes in all")


if __name__ == "__main__":
    main()
