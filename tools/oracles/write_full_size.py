# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6"]
# ///
"""Writes nets of the published size in the published forms, and what TensorFlow says about them.

    python tools/oracles/write_full_size.py --out DIR [--nets resnet_v1_50,vgg16,..] [--threads 2]

Weights are random; names, shapes, containers are those of the real files. Nothing of this is
committed: resnet_v1_50 takes 0.3 GB, vgg16 0.6 GB. DIR/<net>/expected.json names all else.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import argparse
import gzip
import tarfile
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from architectures import mobilenet_v1, resnet, vgg
from choose_image import choose_image_seed
from draw_net import draw_net, vgg_npy_layers, vgg_slim_variables
from fixture_json import digest, write_json
from integer_net import check_exact, draw_integer_resnet, draw_integer_vgg
from model_expectations import expectations
from pool_windows import zero_windows
from python2_npy import write_python2_npy
from textured_images import textured_image, write_png
from write_checkpoints import read_back, save_checkpoint

SEED = 20160829
IMAGE_SEED = 11
# Endpoints, and how many activations lie between the first of them and the logits.
RESNET = (["block3", "block4/unit_2", "block4/unit_3"], 9)
RESNET_V2 = (["block4/unit_2", "block4/unit_3", "postnorm"], 4)
VGG = (["conv4_3", "conv5_3", "pool5"], 5)
MOBILENET = (["Conv2d_11_pointwise", "Conv2d_13_pointwise"], 4)
NETS = {
    "resnet_v1_50": (resnet(1, 50), *RESNET),
    "resnet_v1_50_integers": (resnet(1, 50), *RESNET),
    "resnet_v1_101": (resnet(1, 101), *RESNET),
    "resnet_v1_101_integers": (resnet(1, 101), *RESNET),
    "resnet_v1_152": (resnet(1, 152), *RESNET),
    "resnet_v2_50": (resnet(2, 50), *RESNET_V2),
    "vgg16": (vgg(16, form="npy"), *VGG),
    "vgg16_integers": (vgg(16, form="npy"), *VGG),
    "vgg19": (vgg(19, form="npy"), ["conv5_4", "pool5"], 2),
    "vgg_16": (vgg(16, form="slim"), *VGG),
    "mobilenet_v1_0.25": (mobilenet_v1(0.25), *MOBILENET),
}
IMAGES_TRIED = 48


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--nets", default="resnet_v1_50,vgg16", help=f"of {', '.join(NETS)}, or all"
    )
    parser.add_argument("--images", type=int, default=8, help="from which statistics are taken")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for name in NETS if options.nets == "all" else options.nets.split(","):
        started = time.monotonic()
        write_net(options.out / name, name, options.images)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)


def write_net(folder, name, images):
    architecture, endpoints, tail = NETS[name]
    exact = name.endswith("_integers")
    if exact:
        mean = [round(value) for value in architecture["input"]["mean"]]
        architecture = {**architecture, "input": {**architecture["input"], "mean": mean}}
    folder.mkdir(parents=True, exist_ok=True)
    settings = architecture["input"]
    # vgg_16 holds the weights of vgg16 in TF-slim's form; only the image may be another.
    drawn = vgg(16, form="npy") if name == "vgg_16" else architecture
    if exact:
        draw = draw_integer_vgg if architecture["family"] == "vgg" else draw_integer_resnet
        net = draw(architecture, SEED)
    else:
        net = draw_net(drawn, SEED, images=images, sparse=("conv5_3", "conv5_4"))
    if name == "vgg_16":
        net = vgg_slim_variables(net, architecture["scope"], 7)
    image_seed, margin = (
        (IMAGE_SEED, None)
        if exact
        else choose_image_seed(
            architecture, net, IMAGE_SEED, count=IMAGES_TRIED, tail=tail, pools=pools_behind(endpoints)
        )
    )
    write_png(
        folder / "image.png", textured_image(image_seed, settings["height"], settings["width"])
    )
    files = (
        write_npy(folder, name, net)
        if architecture.get("form") == "npy"
        else write_tf(folder, name, net)
    )

    def in_file(key, array):
        path = Path(key.replace("/", "-").replace("-", "/", 1) + ".npy")
        (folder / path).parent.mkdir(exist_ok=True)
        np.save(folder / path, array.astype(np.float32))
        return {"shape": list(array.shape), "npy": str(path)}

    value, ends, gradients = expectations(
        architecture,
        net,
        endpoints=endpoints,
        image_seed=image_seed,
        input_gradients=True,
        exact_gradients=True,
        # Float32 could be as exact, but TensorFlow's reciprocal root is off by its last bit.
        dtype=tf.float64 if exact else tf.float32,
        store=in_file,
    )
    value["image"] = {"seed": image_seed, "png": "image.png"}
    if margin is not None:
        value["image"]["margin"] = float(f"{margin:.3g}")
    if exact:
        rounded = ("global_pool", "logits") if architecture["family"] == "resnet_v1" else ()
        check_exact({key: ends[key] for key in ends if key not in rounded})
        for taken in gradients.values():
            check_exact(taken, room=4)
    last = endpoints[-2]
    if endpoints[-1] == "pool5":
        value["zeroWindows"] = {
            str(index): zero_windows(ends[last], taken["pool5"], taken[last])
            for index, taken in gradients.items()
        }
    value["files"] = files
    value["tensors"] = {key: digest(array) for key, array in net.items()}
    write_json(folder / "expected.json", value)


def pools_behind(endpoints):
    """The endpoints of a VGG that a max pool follows: the last convolution of each stage."""
    return [name for name in endpoints if name.startswith("conv")]


def write_npy(folder, name, net):
    path = folder / f"{name}.npy"
    layers = sorted(vgg_npy_layers(net), key=lambda layer: layer[0] != "conv5_1")
    write_python2_npy(path, layers)
    return {"npy-python2": [path.name]}


def write_tf(folder, name, net):
    """V1 as .ckpt and packed as the archives of 2016 were, V2 as a bundle and a .tgz of several files."""
    variables = {**net, "global_step": np.array(500_000, np.int64)}
    single = folder / f"{name}.ckpt"
    save_checkpoint(str(single), variables, "V1")
    check(str(single), variables)
    archive = folder / f"{name}.tar.gz"
    pack(archive, [single])
    bundle = folder / f"{name}.bundle"
    parts = [Path(path) for path in save_checkpoint(str(bundle), variables, "V2")]
    check(str(bundle), variables)
    several = folder / f"{name}.bundle.tgz"
    pack(several, parts)
    return {
        "tf-checkpoint-v1": [single.name],
        "tf-checkpoint-v1.tar.gz": [archive.name],
        "tf-checkpoint-v2": [part.name for part in parts],
        "tf-checkpoint-v2.tgz": [several.name],
    }


def check(path, variables):
    for name, array in read_back(path, list(variables)).items():
        if not np.array_equal(array, variables[name]):
            raise ValueError(f"{path}: {name} reads back differently")


def pack(archive, paths):
    with gzip.GzipFile(archive, "wb", compresslevel=1, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for path in paths:
                info = tarfile.TarInfo(path.name)
                info.size = path.stat().st_size
                with open(path, "rb") as file:
                    tar.addfile(info, file)


if __name__ == "__main__":
    main()
