# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "tensorflow-cpu==2.21.0"]
# ///
"""Packs what train.py wrote as the files that the converter reads, with the real writers.

    python tools/demo/export.py <weights>

demo/weights/demo-resnet.tar.gz  a TensorFlow V1 checkpoint, as the published TF-slim nets are
demo/weights/demo-vgg.npy        a dict pickled the Python-2 way, as the classic VGG16 file is
"""

import gzip
import hashlib
import io
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

import numpy as np
import tensorflow as tf

from py2_pickle import npy_bytes

TARGET = Path(__file__).parents[2] / "demo" / "weights"
MEMBER = "demo_resnet.ckpt"


def checkpoint_v1(tensors):
    """The bytes of a V1 checkpoint, by TensorFlow's own Saver."""
    v1 = tf.compat.v1
    with tempfile.TemporaryDirectory() as folder, tf.Graph().as_default(), v1.Session() as session:
        variables = [
            v1.get_variable(name, initializer=tf.constant(value), use_resource=False)
            for name, value in tensors.items()
        ]
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver(variables, write_version=v1.train.SaverDef.V1)
        path = f"{folder}/{MEMBER}"
        saver.save(session, path, write_meta_graph=False, write_state=False)
        reader = tf.train.load_checkpoint(path)
        for name, value in tensors.items():
            np.testing.assert_array_equal(reader.get_tensor(name), value)
        return Path(path).read_bytes()


def tar_gz(member, content):
    """No time, no owner: the same weights give the same archive."""
    info = tarfile.TarInfo(member)
    info.size = len(content)
    info.mode = 0o644
    tar_bytes = io.BytesIO()
    with tarfile.open(fileobj=tar_bytes, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        tar.addfile(info, io.BytesIO(content))
    return gzip.compress(tar_bytes.getvalue(), 9, mtime=0)


def layers_of(tensors):
    """{name: [weights, biases]}; a Python-2 dict has no order, so neither has ours."""
    names = {name.split("/")[0] for name in tensors if name.endswith("/weights")}
    ordered = sorted(names, key=lambda name: zlib.crc32(name.encode()))
    return {name: [tensors[f"{name}/weights"], tensors[f"{name}/biases"]] for name in ordered}


def write(path, content):
    path.write_bytes(content)
    print(path.name, len(content), "bytes, sha256", hashlib.sha256(content).hexdigest())


def main(weights):
    TARGET.mkdir(parents=True, exist_ok=True)
    resnet = dict(np.load(weights / "demo-resnet.npz"))
    write(TARGET / "demo-resnet.tar.gz", tar_gz(MEMBER, checkpoint_v1(resnet)))

    layers = layers_of(dict(np.load(weights / "demo-vgg.npz")))
    path = TARGET / "demo-vgg.npy"
    write(path, npy_bytes(layers))
    read_back = np.load(path, encoding="latin1", allow_pickle=True).item()
    assert read_back.keys() == layers.keys()
    for name, arrays in layers.items():
        for written, read in zip(arrays, read_back[name], strict=True):
            assert read.dtype == np.float32
            np.testing.assert_array_equal(written, read)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
