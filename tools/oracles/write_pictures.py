# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy", "pillow"]
# ///
"""Small pictures of all kinds of numbers that are read, and what they are as RGB of 8 bits.

    write_pictures.py packages/core/test/fixtures/pictures

The expected values are numpy's, from the array that was written and the rule that the documents state.
"""
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 5, 7
rng = np.random.default_rng(20260302)
out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
cases = []


def save(name, image, expected, window=None, **options):
    image.save(out / name, **options)
    expected = np.asarray(expected)
    if expected.ndim == 3 and expected.shape[2] == 1:
        expected = expected[..., 0]
    if expected.ndim == 2:
        expected = np.repeat(expected[..., None], 3, axis=2)
    case = {"file": name, "rgb": expected.astype(int).ravel().tolist()}
    if window is not None:
        case["window"] = window
    cases.append(case)


def to_byte(values, low, high):
    scaled = np.clip((values.astype(np.float64) - low) / (high - low), 0, 1) * 255
    return np.floor(scaled + 0.5)


def on_white(colours, alpha):
    share = alpha.astype(np.float64)[..., None] / 255
    return np.floor(colours * share + 255 * (1 - share) + 0.5)


gray = rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
rgb = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
alpha = rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
rgba = np.dstack([rgb, alpha])
la = np.dstack([gray, alpha])
bits = gray > 127
deep = rng.integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16)
deep[0, 0] = 65535
twelve = rng.integers(0, 4096, (HEIGHT, WIDTH), dtype=np.uint16)
twelve[0, 0] = 4095
signed = rng.integers(-1000, 2000, (HEIGHT, WIDTH), dtype=np.int32)
unit = rng.random((HEIGHT, WIDTH), dtype=np.float32)
wide = (unit * 2500 - 700).astype(np.float32)

for extension in ["png", "tif"]:
    lossless = {"compression": "tiff_deflate"} if extension == "tif" else {}
    save(f"gray.{extension}", Image.fromarray(gray), gray, **lossless)
    save(f"gray-alpha.{extension}", Image.fromarray(la, "LA"), on_white(gray[..., None], alpha), **lossless)
    save(f"rgb.{extension}", Image.fromarray(rgb), rgb, **lossless)
    save(f"rgba.{extension}", Image.fromarray(rgba), on_white(rgb, alpha), **lossless)
    save(f"one-bit.{extension}", Image.fromarray(bits), np.where(bits, 255, 0))
    save(f"sixteen.{extension}", Image.fromarray(deep), deep >> 8, **lossless)
    save(f"twelve-of-sixteen.{extension}", Image.fromarray(twelve), twelve >> 8, **lossless)
    save(f"twelve-stated.{extension}", Image.fromarray(twelve), to_byte(twelve, 0, 4095), [0, 4095], **lossless)
palette = Image.fromarray(rgb).quantize(16)
save("palette.png", palette, np.asarray(palette.convert("RGB")))
save("palette.gif", palette, np.asarray(palette.convert("RGB")))
save("gray-stated.png", Image.fromarray(gray), to_byte(gray, 50, 200), [50, 200])
save("float-unit.tif", Image.fromarray(unit), to_byte(unit, 0, 1))
save("float-wide.tif", Image.fromarray(wide), to_byte(wide, float(wide.min()), float(wide.max())))
save("float-stated.tif", Image.fromarray(wide), to_byte(wide, -100, 900), [-100, 900])
save("signed.tif", Image.fromarray(signed), to_byte(signed, signed.min(), signed.max()))
save("signed-stated.tif", Image.fromarray(signed), to_byte(signed, -160, 240), [-160, 240])
save("lossless.webp", Image.fromarray(rgb), rgb, lossless=True)
save("lossless-alpha.webp", Image.fromarray(rgba), on_white(rgb, alpha), lossless=True, exact=True)
pages = [Image.fromarray(np.full((HEIGHT, WIDTH), value, np.uint8)) for value in (40, 90, 140)]
save("pages.tif", pages[0], np.full((HEIGHT, WIDTH), 40), save_all=True, append_images=pages[1:])
frames = [page.convert("P") for page in pages]
save("frames.gif", frames[0], np.full((HEIGHT, WIDTH), 40), save_all=True, append_images=frames[1:])

(out / "expected.json").write_text(
    json.dumps({"width": WIDTH, "height": HEIGHT, "cases": cases}, separators=(",", ":")) + "\n"
)
import PIL

(out / "PROVENANCE.md").write_text(
    "# Pictures of all kinds of numbers\n\nWritten by `tools/oracles/write_pictures.py` "
    f"(seed 20260302, numpy {np.__version__}, Pillow {PIL.__version__}).\n"
)
