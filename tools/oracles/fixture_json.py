"""How oracles write numbers and digests into JSON: base64 of little-endian float32, and sha256."""

import base64
import hashlib
import json

import numpy as np


def float32(array):
    """{"shape", "float32"}: C order, little-endian, base64. Exact, and a third of decimal text."""
    values = np.ascontiguousarray(array, dtype="<f4")
    return {"shape": list(values.shape), "float32": base64.b64encode(values.tobytes()).decode()}


def uint8(array):
    values = np.ascontiguousarray(array, dtype=np.uint8)
    return {"shape": list(values.shape), "uint8": base64.b64encode(values.tobytes()).decode()}


def summary(array):
    """What shows at a glance whether two activations are the same thing, and how alive they are."""
    values = np.asarray(array, np.float64)
    return {
        "shape": list(values.shape),
        "mean": rounded(values.mean()),
        "min": rounded(values.min()),
        "max": rounded(values.max()),
        "positive": rounded((values > 0).mean()),
        "sumOfSquares": rounded((values**2).sum()),
    }


def rounded(value, digits=9):
    return float(f"{value:.{digits}g}")


def digest(array):
    """dtype, shape and the sha256 of the C-order little-endian bytes."""
    shape, name = list(np.shape(array)), np.asarray(array).dtype.name
    little = np.ascontiguousarray(array)
    if little.dtype.byteorder == ">":
        little = little.astype(little.dtype.newbyteorder("<"))
    return {
        "dtype": name,
        "shape": shape,
        "sha256": hashlib.sha256(little.tobytes()).hexdigest(),
    }


def write_json(path, value):
    """One line per entry of the second level: small enough to read, and diffs stay useful."""
    lines = []
    for key, entry in value.items():
        if isinstance(entry, dict) and entry:
            inner = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in entry.items())
            lines.append(f"{json.dumps(key)}: {{\n{inner}\n}}")
        elif isinstance(entry, list) and entry and isinstance(entry[0], dict):
            inner = ",\n".join(f"  {json.dumps(v)}" for v in entry)
            lines.append(f"{json.dumps(key)}: [\n{inner}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(entry)}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")
