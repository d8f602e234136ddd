# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["numpy==2.4.6"]
# ///
"""Writes packages/converter/test/fixtures/npy from scratch: .npy and .npz in every form in use.

    python tools/oracles/write_npy_fixtures.py

What this numpy can write, it writes. Forms of older writers are put together from its own output
(the module was renamed in numpy 2) or by python2_npy.py, and each is read back with numpy.load.
"""

import io
import pickle
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np

from fixture_json import digest, write_json
from python2_npy import write_python2_npy

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/npy"
SEED = 2
NUMERIC = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "c8", "c16")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    random = np.random.Generator(np.random.PCG64(SEED))
    write_pickled(random)
    write_numeric(random)
    write_archives(random)
    expected = {path.name: described(path) for path in sorted(FOLDER.iterdir())}
    write_json(FOLDER / "expected.json", expected)
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/write_npy_fixtures.py` (one command, from scratch) with NumPy
{np.__version__}; seed {SEED}. Random numbers only.

- `pickled_*`: dicts of arrays as `numpy.save` leaves them. `python2_*` have the opcodes of Python 2's
  cPickle (BINSTRING); `numpy1_*` name `numpy.core`, `numpy2_*` `numpy._core`; the number is the
  pickle protocol. Fortran-order, big-endian, float64 and zero-size arrays among them.
- `numeric_*`: one array each; dtype, byte order, C or Fortran order in the name; header versions 1-3.
- `expected.json`: per file each array's dtype, shape, sha256 (C order, little-endian), as NumPy
  reads it; keys of nested dicts and list places are joined by `/`; the key "" is a lone array.
"""
    )


def write_pickled(random):
    layers = dict_of_lists(random)
    write_python2_npy(FOLDER / "pickled_python2_lists.npy", layers.items())
    unicode_keys = [(("unicode", "conv\N{MULTIPLICATION SIGN}1"), dict_of_dicts(random)["conv1"])]
    unicode_keys += list(dict_of_dicts(random).items())
    write_python2_npy(FOLDER / "pickled_python2_dicts.npy", unicode_keys)
    # More than 255 memo entries: LONG_BINPUT and LONG_BINGET.
    many = {f"layer{i}": [random.standard_normal(2, dtype=np.float32)] for i in range(150)}
    write_python2_npy(FOLDER / "pickled_python2_many.npy", many.items())

    for protocol in range(6):
        write_pickle(f"pickled_numpy1_protocol{protocol}.npy", layers, protocol, numpy1=True)
    np.save(FOLDER / "pickled_numpy2_save.npy", np.array(layers, dtype=object), allow_pickle=True)
    for protocol in (4, 5):
        write_pickle(f"pickled_numpy2_protocol{protocol}.npy", dict_of_dicts(random), protocol)


def write_pickle(name, value, protocol, numpy1=False):
    data = pickle.dumps(np.array(value, dtype=object), protocol=protocol)
    if numpy1:
        # GLOBAL is text, so the older module name fits; STACK_GLOBAL's string carries its length.
        data = data.replace(b"\x8c\x16numpy._core.multiarray", b"\x8c\x15numpy.core.multiarray")
        data = data.replace(b"\x8c\x13numpy._core.numeric", b"\x8c\x12numpy.core.numeric")
        data = data.replace(b"numpy._core.", b"numpy.core.")
        data = with_frame_length(data)
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    header += b" " * (-(10 + len(header) + 1) % 64) + b"\n"
    prefix = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
    (FOLDER / name).write_bytes(prefix + header + data)


def with_frame_length(data):
    """Corrects FRAME's length after the module's name has become shorter (one frame: small data)."""
    if data[2:3] != b"\x95":
        return data
    return data[:3] + struct.pack("<Q", len(data) - 11) + data[11:]


def write_numeric(random):
    matrix = random.uniform(-100, 100, (3, 4, 2))
    for code in NUMERIC:
        kind = np.dtype(code)
        values = (np.abs(matrix) if kind.kind == "u" else matrix).astype(kind)
        np.save(FOLDER / f"numeric_{code}.npy", values)
        np.save(FOLDER / f"numeric_{code}_fortran.npy", np.asfortranarray(values))
        if kind.itemsize > 1 and code in ("f2", "f4", "f8", "i2", "i8"):
            np.save(FOLDER / f"numeric_{code}_big.npy", values.astype(kind.newbyteorder(">")))
    values = matrix.astype("f4")
    np.save(FOLDER / "numeric_f4_scalar.npy", np.float32(1.5))
    np.save(FOLDER / "numeric_f4_empty.npy", np.zeros((0, 3), np.float32))
    for version in ((2, 0), (3, 0)):
        with open(FOLDER / f"numeric_f4_version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, values, version=version)
    # Python 2 wrote long integers into shapes, and numpy before 1.14 padded to 16 bytes.
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 4L, 2L), }"
    header += b" " * (-(10 + len(header) + 1) % 16) + b"\n"
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + values.tobytes()
    (FOLDER / "numeric_f4_python2_long.npy").write_bytes(data)


def write_archives(random):
    arrays = {f"{k}_{p}": a for k, v in dict_of_lists(random).items() for p, a in zip("Wb", v)}
    np.savez(FOLDER / "stored.npz", **arrays)
    np.savez_compressed(FOLDER / "compressed.npz", **arrays)
    # numpy writes members of unknown size first: sizes then stand behind the data (bit 3).
    with zipfile.ZipFile(FOLDER / "streamed.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array)
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                member.write(buffer.getvalue())
    for path in FOLDER.glob("*.npz"):
        fix_times(path)


def fix_times(path):
    """Rewrites nothing but the clock: the same arrays give the same file on any day."""
    data = bytearray(path.read_bytes())
    stamp = struct.pack("<HH", 0, (1 << 5) | 1)  # 1980-01-01, the first day a zip knows
    for mark, offset in ((b"PK\x03\x04", 10), (b"PK\x01\x02", 12)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset : at + offset + 4] = stamp
            at = data.find(mark, at + 4)
    path.write_bytes(data)


def dict_of_lists(random):
    """Names and list form of vgg16.npy; one pair is a tuple; other layouts and types among them."""
    draw = lambda *shape: random.standard_normal(shape, dtype=np.float32)
    return {
        "conv5_1": [draw(3, 3, 2, 4), draw(4)],
        "conv1_1": (np.asfortranarray(draw(3, 3, 3, 2)), draw(2)),
        "fc6": [np.asfortranarray(draw(40, 10)), draw(10).astype(">f4")],
        "fc8": [draw(10, 5).astype(np.float64), draw(5).astype(np.float16)],
        "empty": [np.zeros((0, 3), np.float32)],
    }


def dict_of_dicts(random):
    draw = lambda *shape: random.standard_normal(shape, dtype=np.float32)
    return {
        "conv1": {"weights": draw(3, 3, 1, 4), "biases": draw(4)},
        "fc": {"weights": np.asfortranarray(draw(8, 70)), "biases": draw(70)},
    }


def described(path):
    if path.suffix == ".npz":
        with np.load(path) as archive:
            return {key: digest(archive[key]) for key in archive.files}
    value = np.load(path, allow_pickle=True, encoding="latin1")
    return dict(leaves("", value.item() if value.dtype == object else value))


def leaves(name, value):
    if isinstance(value, np.ndarray):
        fortran = value.flags.f_contiguous and not value.flags.c_contiguous
        yield name, {**digest(value), "order": "F" if fortran else "C"}
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in items:
        yield from leaves(f"{name}/{key}" if name else str(key), entry)


if __name__ == "__main__":
    main()
