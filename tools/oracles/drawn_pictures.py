# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "pillow==12.3.0", "fonttools", "brotli"]
# ///
"""Writes packages/core/test/fixtures/drawn: pictures of maps at pixels by NumPy, and letters by FreeType.

python tools/oracles/drawn_pictures.py <folder of the npm package inter-ui 4.1.1>

gradients.json: a map [6, 8, 3] from a generator with a few large values; the bytes of its picture over an image of
13 x 10 whose middle square of 10 x 10 the model saw, by numpy.percentile and by bilinear interpolation with half-pixel
centres, written out in loops.

letters.json: letters of Inter Regular at 24 pixels, the share of each pixel in 1/255. FreeType draws them 32 times as
large, where hinting moves an outline by at most 1/64 pixel of the small letter, and blocks are averaged.
"""

import io
import json
import sys
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/drawn"
SEED = 20260311
PERCENTILE = 99.5


def draw_map():
    random = np.random.default_rng(SEED)
    raw = random.standard_t(2, size=(6, 8, 3)) * 1e-4
    raw[:2] *= 0.05
    return raw.astype(np.float32)


def enlarge(raw, view, size):
    """Bilinear, half-pixel centres, the edge repeated; view = (x, y, width, height) of the map in the image."""
    rows, columns, channels = raw.shape
    width, height = size
    x0, y0, across, down = view
    out = np.zeros((height, width, channels))
    for y in range(height):
        for x in range(width):
            r = (y + 0.5 - y0) * rows / down - 0.5
            c = (x + 0.5 - x0) * columns / across - 0.5
            top, left = int(np.floor(r)), int(np.floor(c))
            for i, by in ((top, 1 - (r - top)), (top + 1, r - top)):
                for j, bx in ((left, 1 - (c - left)), (left + 1, c - left)):
                    cell = raw[min(max(i, 0), rows - 1), min(max(j, 0), columns - 1)].astype(np.float64)
                    out[y, x] += by * bx * cell
    return out


def picture(raw, view, size):
    """Gray is zero, full colour at the percentile."""
    scale = np.percentile(np.abs(raw).astype(np.float64), PERCENTILE)
    values = enlarge(raw, view, size)
    shades = np.clip(127.5 + 127.5 * values / scale, 0, 255)
    return scale, np.floor(shades + 0.5).astype(int)


def gradients():
    raw = draw_map()
    view, size = (1.5, 0, 10, 10), (13, 10)
    scale, shades = picture(raw, view, size)
    signed = raw.astype(np.float64).sum(axis=2)
    return {
        "raw": {"shape": list(raw.shape), "values": [float(v) for v in raw.ravel()]},
        "view": view,
        "size": size,
        "scale": {
            "colour": float(scale),
            "signed": float(np.percentile(np.abs(signed), PERCENTILE)),
            "magnitude": float(np.percentile(np.abs(raw).astype(np.float64).max(axis=2), PERCENTILE)),
        },
        "bytes": shades.reshape(-1).tolist(),
    }


def letters(package):
    ttf = TTFont(Path(package) / "web/Inter-Regular.woff2")
    ttf.flavor = None
    data = io.BytesIO()
    ttf.save(data)
    times, size, width, height = 32, 24, 30, 36
    found = {}
    for character in "g%5é&Ж":
        data.seek(0)
        font = ImageFont.truetype(data, size * times, layout_engine=ImageFont.Layout.BASIC)
        image = Image.new("L", (width * times, height * times), 0)
        ImageDraw.Draw(image).text((2 * times, 28 * times), character, fill=255, font=font, anchor="ls")
        blocks = np.asarray(image, dtype=np.float64).reshape(height, times, width, times).mean(axis=(1, 3))
        found[character] = np.round(blocks).astype(int).ravel().tolist()
    return {"fontSize": size, "width": width, "height": height, "x": 2, "baseline": 28, "letters": found}


FOLDER.mkdir(parents=True, exist_ok=True)
(FOLDER / "gradients.json").write_text(json.dumps(gradients()) + "\n")
(FOLDER / "letters.json").write_text(json.dumps(letters(sys.argv[1]), ensure_ascii=False) + "\n")
