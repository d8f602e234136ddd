"""What the scripts of coded pictures share: numbers, the list of cases, and the rules that the documents state."""

import base64
import io

import numpy as np
from PIL import Image, ImageOps

ORIENTATION = 274  # TIFF's and EXIF's tag.
rng = np.random.default_rng(20261129)
files = {}
cases = []
refused = []


def add(name, data, expected, steps=0, window=None):
    """`steps`: how far a decoder may be from the expected values, see the test for why."""
    files[name] = data
    expected = np.asarray(expected)
    if expected.ndim == 2:
        expected = np.repeat(expected[..., None], 3, axis=2)
    height, width = expected.shape[:2]
    case = {"file": name, "width": width, "height": height, "steps": steps}
    if window is not None:
        case["window"] = window
    assert expected.min() >= 0 and expected.max() <= 255
    cases.append({**case, "rgb": base64.b64encode(expected.astype(np.uint8).tobytes()).decode()})


def refuse(name, data, says):
    files[name] = data
    refused.append({"file": name, "says": says})


def encode(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decode(data):
    """Pillow's RGB, upright."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    return np.asarray(image.convert("RGB"))


def to_byte(values, low, high):
    low, high = float(low), float(high)
    scaled = np.clip((values.astype(np.float64) - low) / (high - low), 0, 1) * 255
    return np.floor(scaled + 0.5)


def on_white(colours, alpha):
    share = alpha.astype(np.float64)[..., None] / 255
    return np.floor(colours * share + 255 * (1 - share) + 0.5)


def naive_rgb(cmyk):
    """What Pillow, TensorFlow and browsers make of CMYK without its profile."""
    inks = 255 - cmyk.astype(np.float64)
    return np.floor(inks[..., :3] * inks[..., 3:] / 255 + 0.5)


HEIGHT, WIDTH = 5, 7
size = (HEIGHT, WIDTH)
gray = rng.integers(0, 256, size, dtype=np.uint8)
rgb = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
alpha = rng.integers(0, 256, size, dtype=np.uint8)
rgba = np.dstack([rgb, alpha])
deep = rng.integers(0, 65536, (*size, 4), dtype=np.uint16)
deep[0, 0] = 65535
bits = gray > 127
unit = rng.random((*size, 3), dtype=np.float32)
wide = (unit * 900 - 200).astype(np.float32)
half = (rng.integers(0, 1025, size) / 1024).astype(np.float16)

# A picture as photographs are, smooth and coloured, for the lossy codecs; no square, so that turns show.
y, x = np.mgrid[0:16, 0:24]
smooth = np.dstack([x * 10, y * 15, 255 - x * 5 - y * 6]).clip(0, 255).astype(np.uint8)
smooth_alpha = (255 - 7 * x).astype(np.uint8)
photo = Image.fromarray(smooth)
