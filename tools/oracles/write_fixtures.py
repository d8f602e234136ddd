# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes packages/converter/test/fixtures/slim from scratch: small classic nets, by TensorFlow.

    python tools/oracles/write_fixtures.py

Seeded: a second run gives the same tensors, and the same files on the same TensorFlow.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # Eigen's kernels: the same sums everywhere

import shutil
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from architectures import at_size, mobilenet_v1, resnet, vgg
from draw_net import draw_net, vgg_npy_layers, vgg_slim_variables
from fixture_json import digest, write_json
from model_expectations import expectations
from pool_windows import zero_windows
from python2_npy import write_python2_npy
from textured_images import textured_image, write_png
from write_checkpoints import read_back, save_checkpoint

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/slim"
SEED = 20160828
IMAGE_SEED = 7
SIZE = 64
CLASSES = 12
SIZE_LIMIT = 300_000
RESNET_ENDPOINTS = ["pool1", "block3", "block4/unit_2", "block4/unit_3"]
RESNET_V2_ENDPOINTS = ["block4/unit_3", "postnorm"]
MOBILENET_ENDPOINTS = ["Conv2d_11_pointwise", "Conv2d_13_pointwise"]
VGG_ENDPOINTS = ["conv4_3", "conv5_3", "pool5"]


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    write_png(FOLDER / "image.png", textured_image(IMAGE_SEED, SIZE, SIZE))
    write_resnet()
    write_resnet_v2()
    write_mobilenet()
    write_vgg()
    write_provenance()
    for path in sorted(FOLDER.iterdir()):
        size = path.stat().st_size
        print(f"{size:8d}  {path.name}")
        if size > SIZE_LIMIT:
            sys.exit(f"{path.name}: {size} bytes; a committed fixture holds at most {SIZE_LIMIT}")


def write_resnet():
    """About 1/16 of resnet_v1_50: fewer units, each kind of unit still there."""
    small = resnet(1, 50, units=(2, 2, 2, 3), depths=(4, 8, 12, 16), root=4, classes=CLASSES)
    small = at_size(small, SIZE, SIZE)
    net = draw_net(small, SEED, images=12)
    scope = small["scope"]
    # What the released files also hold, and a reader must pass over.
    extras = {
        "global_step": np.array(500_000, np.int64),
        f"{scope}/mean_rgb": np.array(small["input"]["mean"], np.float32),
    }
    variables = {**net, **extras}
    for name, version, options in (
        ("resnet_v1.ckpt", "V1", {}),
        ("resnet_v1.sharded.ckpt", "V1", {"shards": 3}),
        ("resnet_v1.partitioned.ckpt", "V1", {"partition": split_variable}),
        ("resnet_v1.bundle", "V2", {}),
        ("resnet_v1.sharded.bundle", "V2", {"shards": 3}),
        ("resnet_v1.partitioned.bundle", "V2", {"partition": split_variable}),
    ):
        write_and_check(name, version, variables, options)
    value, _, _ = expectations(
        small, net, endpoints=RESNET_ENDPOINTS, image_seed=IMAGE_SEED, input_gradients=True
    )
    write_json(FOLDER / "resnet_v1.expected.json", value)
    # An input whose grids are odd on the way down: there the paddings of strided layers differ.
    odd = at_size(small, 74, 74)
    value, _, _ = expectations(odd, net, endpoints=RESNET_ENDPOINTS, image_seed=IMAGE_SEED)
    write_json(FOLDER / "resnet_v1.odd.expected.json", value)


def write_resnet_v2():
    """As the small v1, with pre-activation units and Inception's preprocessing."""
    small = resnet(2, 50, units=(2, 2, 2, 3), depths=(4, 8, 12, 16), root=4, classes=CLASSES)
    write_net("resnet_v2", at_size(small, SIZE, SIZE), SEED + 200, RESNET_V2_ENDPOINTS)


def write_mobilenet():
    """MobileNet v1 at 1/16 width, where every layer has at least 8 channels."""
    small = mobilenet_v1(1 / 16, classes=CLASSES)
    write_net("mobilenet_v1", at_size(small, SIZE, SIZE), SEED + 300, MOBILENET_ENDPOINTS)


def write_net(name, architecture, seed, endpoints):
    """One net in both checkpoint formats, with TensorFlow's results."""
    net = draw_net(architecture, seed, images=12)
    write_and_check(f"{name}.ckpt", "V1", net, {})
    write_and_check(f"{name}.bundle", "V2", net, {})
    value, _, _ = expectations(
        architecture, net, endpoints=endpoints, image_seed=IMAGE_SEED, input_gradients=True
    )
    write_json(FOLDER / f"{name}.expected.json", value)


def write_vgg():
    """1/16 of VGG16 with small dense layers, as the BGR .npy and as TF-slim's RGB checkpoint."""
    small = at_size(vgg(16, form="npy", divisor=16, hidden=64, classes=CLASSES), SIZE, SIZE)
    net = draw_net(small, SEED + 100, images=12, sparse=("conv5_3",))
    # A dict of Python 2 comes in hash order; the real file begins with conv5_1.
    names = list(dict.fromkeys(name.rsplit("/", 1)[0] for name in net))
    shuffled = [str(n) for n in np.random.Generator(np.random.PCG64(SEED)).permutation(names)]
    shuffled.sort(key=lambda name: name != "conv5_1")
    path = FOLDER / "vgg16.npy"
    write_python2_npy(path, vgg_npy_layers(net, shuffled))
    loaded = np.load(path, allow_pickle=True, encoding="latin1").item()
    digests = {}
    for name in shuffled:
        for i, part in enumerate(("weights", "biases")):
            np.testing.assert_array_equal(loaded[name][i], net[f"{name}/{part}"])
            digests[f"{name}/{i}"] = digest(loaded[name][i])
    write_json(FOLDER / "vgg16.npy.json", tensors_of("npy-python2", "numpy", [path], digests))
    write_vgg_expectations("vgg16", small, net)

    slim = at_size(vgg(16, form="slim", divisor=16, hidden=64, classes=CLASSES), SIZE, SIZE)
    variables = vgg_slim_variables(net, slim["scope"], SIZE // 32)
    write_and_check("vgg_16.ckpt", "V1", variables, {})
    write_vgg_expectations("vgg_16", slim, variables)


def write_vgg_expectations(name, architecture, net):
    value, ends, gradients = expectations(
        architecture, net, endpoints=VGG_ENDPOINTS, image_seed=IMAGE_SEED, input_gradients=True
    )
    value["zeroWindows"] = {
        str(index): zero_windows(ends["conv5_3"], taken["pool5"], taken["conv5_3"])
        for index, taken in gradients.items()
    }
    write_json(FOLDER / f"{name}.expected.json", value)


def split_variable(name, array):
    """Output channels of 3x3 kernels in three parts, inputs of the wider 1x1 kernels in two."""
    if array.ndim == 4 and array.shape[0] == 3:
        return (3, 3)
    if array.ndim == 4 and array.shape[2] >= 32 and "logits" not in name:
        return (2, 2)
    return None


def write_and_check(name, version, tensors, options):
    """Saves, reads back with TensorFlow, and writes down what was read."""
    prefix = str(FOLDER / name)
    paths = save_checkpoint(prefix, tensors, version, **options)
    sharded_v1 = version == "V1" and options.get("shards", 1) > 1
    pattern = f"{prefix}-?????-of-{options['shards']:05d}" if sharded_v1 else prefix
    read = read_back(pattern, list(tensors))
    for key, array in tensors.items():
        np.testing.assert_array_equal(read[key], array, err_msg=key)
    digests = {key: digest(array) for key, array in read.items()}
    value = tensors_of(f"tf-checkpoint-{version.lower()}", "TensorFlow", paths, digests)
    partition = options.get("partition") or (lambda *_: None)
    parts = {key: partition(key, array) for key, array in tensors.items()}
    slices = {key: {"axis": p[0], "parts": p[1]} for key, p in parts.items() if p}
    if slices:
        value["slices"] = slices
    write_json(FOLDER / f"{name}.json", value)


def tensors_of(form, reader, paths, digests):
    files = {Path(path).name: digest_of_file(path) for path in paths}
    return {"format": form, "readBy": reader, "files": files, "tensors": digests}


def digest_of_file(path):
    data = np.fromfile(path, np.uint8)
    return {"bytes": int(data.size), "sha256": digest(data)["sha256"]}


def write_provenance():
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/write_fixtures.py` (one command, from scratch) with TensorFlow
{tf.__version__} on CPU without oneDNN and NumPy {np.__version__}; seed {SEED}, image seed
{IMAGE_SEED}. All weights are random, all pictures computed: nothing here is anyone's data.

- `resnet_v1.*`: one small TF-slim ResNet v1 in six containers, V1 and V2, single, in three shards,
  with variables in several slices. `*.json` beside each: sha256, dtype and shape of every tensor,
  read back by TensorFlow.
- `resnet_v2.*`, `mobilenet_v1.*`: small nets of these kinds, V1 and V2.
- `vgg16.npy`: VGG16 at 1/16 width, BGR, pickled as Python 2 did. `vgg_16.ckpt`: the same net in
  TF-slim's form (RGB, dense layers as convolutions).
- `*.expected.json`: architecture, input image, TensorFlow's float32 logits, activations, gradients
  of two class scores and maps; `noise` is how far TensorFlow's own float32 is from its float64
  (activations by their maximum, logits by their range, maps by `scales`): no engine is nearer.
  `resnet_v1.odd` is the same net on a 74 x 74 image.
- `image.png`: the 64 x 64 image of the JSON files.
"""
    )


if __name__ == "__main__":
    main()
