"""Cases of TIFF, written by tifffile: types of numbers, layouts, compressions, tags; and forms that are refused."""

import io

import numpy as np
import tifffile
from PIL import Image, ImageOps

from coded_cases import (
    ORIENTATION,
    add,
    alpha,
    bits,
    deep,
    encode,
    gray,
    half,
    naive_rgb,
    on_white,
    refuse,
    rgb,
    rgba,
    rng,
    size,
    smooth,
    to_byte,
    unit,
    wide,
)


def tiff(array, **options):
    buffer = io.BytesIO()
    options.setdefault("photometric", "rgb" if array.ndim == 3 and array.shape[2] >= 3 else "minisblack")
    options.setdefault("metadata", None)
    writer = {key: options.pop(key) for key in ["bigtiff", "byteorder"] if key in options}
    tifffile.imwrite(buffer, array, software=False, **writer, **options)
    return buffer.getvalue()


add("white-is-zero.tif", tiff(gray, photometric="miniswhite"), 255 - gray)
add("white-is-zero-deep.tif", tiff(deep[..., 0], photometric="miniswhite"), (65535 - deep[..., 0]) >> 8)
add("white-is-zero-bits.tif", tiff(bits, photometric="miniswhite"), np.where(bits, 0, 255))
# Not for floats: dark is small in them whatever the tag says, as Pillow has it too.
add("white-is-zero-float.tif", tiff(unit[..., 0], photometric="miniswhite"), to_byte(unit[..., 0], 0, 1), 1)
add("planar.tif", tiff(np.moveaxis(rgb, 2, 0), photometric="rgb", planarconfig="separate"), rgb)
add(
    "planar-deep.tif",
    tiff(np.moveaxis(deep[..., :3], 2, 0), photometric="rgb", planarconfig="separate"),
    deep[..., :3] >> 8,
)
add("tiled.tif", tiff(rgb, tile=(16, 16), compression="zlib"), rgb)
add("rows-by-strip.tif", tiff(rgb, rowsperstrip=2), rgb)
add("big-endian.tif", tiff(deep[..., :3], byteorder=">"), deep[..., :3] >> 8)
add("bigtiff.tif", tiff(rgb, bigtiff=True), rgb)
for compression in ["lzw", "zlib", "packbits"]:
    add(f"{compression}.tif", tiff(rgb, compression=compression), rgb)
    if compression != "packbits":
        add(f"{compression}-predictor.tif", tiff(rgb, compression=compression, predictor=True), rgb)
add("predictor-deep.tif", tiff(deep[..., :3], compression="zlib", predictor=True), deep[..., :3] >> 8)
add("predictor-float.tif", tiff(unit, compression="zlib", predictor=3), to_byte(unit, 0, 1), 1)
for bits_each in [2, 4]:
    levels = gray >> (8 - bits_each)
    add(
        f"gray-{bits_each}-bits.tif",
        tiff(levels, bitspersample=bits_each),
        levels.astype(int) * 255 // (2**bits_each - 1),
    )
add("group-4.tif", encode(Image.fromarray(bits), "TIFF", compression="group4"), np.where(bits, 255, 0))
add("deep-rgb.tif", tiff(deep[..., :3]), deep[..., :3] >> 8)
add("deep-rgba.tif", tiff(deep, extrasamples=["unassalpha"]), on_white(deep[..., :3] >> 8, deep[..., 3] >> 8))
# Associated alpha: colours are stored times their alpha, so that white is added alone.
share = alpha.astype(int)[..., None]
product = np.floor(rgb * share / 255 + 0.5).astype(np.uint8)
add(
    "premultiplied.tif",
    tiff(np.dstack([product, alpha]), extrasamples=["assocalpha"]),
    product + (255 - share),
    1,
)
palette16 = rng.integers(0, 256, (3, 256)).astype(np.uint16) * 257
add(
    "palette.tif",
    tiff(gray, photometric="palette", colormap=palette16),
    np.moveaxis(palette16[:, gray], 0, 2) >> 8,
)
add("float-rgb-unit.tif", tiff(unit), to_byte(unit, 0, 1), 1)
add("float-rgb-wide.tif", tiff(wide), to_byte(wide, wide.min(), wide.max()), 1)
add("half.tif", tiff(half), to_byte(half, 0, 1), 1)
odd_halves = np.resize(np.float16([1, -2, 65504, 6e-8, -6e-5, np.inf, -np.inf, np.nan]), size)
add(
    "half-wide.tif",
    tiff(odd_halves),
    to_byte(np.where(np.isfinite(odd_halves), odd_halves, -2), -2, 65504),
    1,
)
add("half-rgb.tif", tiff(unit.astype(np.float16)), to_byte(unit.astype(np.float16), 0, 1), 1)
holes = np.where(bits, np.nan, unit[..., 0]).astype(np.float32)
add("holes.tif", tiff(holes), to_byte(np.nan_to_num(holes), 0, 1), 1)
add(
    "float-rgba.tif",
    tiff(np.dstack([unit, unit[..., 0]]), extrasamples=["unassalpha"]),
    on_white(to_byte(unit, 0, 1), to_byte(unit[..., 0], 0, 1)),
    1,
)
SMIN, SMAX, FLOAT = 340, 341, "f"
ranged = [(SMIN, FLOAT, 1, -500.0, True), (SMAX, FLOAT, 1, 1500.0, True)]
add("float-ranged.tif", tiff(wide[..., 0], extratags=ranged), to_byte(wide[..., 0], -500, 1500), 1)
ranged = [(SMIN, FLOAT, 3, (-500.0,) * 3, True), (SMAX, FLOAT, 3, (1500.0,) * 3, True)]
add("float-rgb-ranged.tif", tiff(wide, extratags=ranged), to_byte(wide, -500, 1500), 1)
add(
    "bigtiff-ranged.tif",
    tiff(wide, extratags=ranged, bigtiff=True, byteorder=">"),
    to_byte(wide, -500, 1500),
    1,
)
int16 = (wide[..., 0] * 2).astype(np.int16)
ranged = [(SMIN, "h", 1, -1024, True), (SMAX, "h", 1, 3071, True)]
add("signed-ranged.tif", tiff(int16, extratags=ranged), to_byte(int16, -1024, 3071), 1)
add("signed-sixteen.tif", tiff(int16), to_byte(int16, int16.min(), int16.max()), 1)
int8 = (gray.astype(int) - 128).astype(np.int8)
add("signed-eight.tif", tiff(int8), to_byte(int8, int8.min(), int8.max()), 1)
uint32 = gray.astype(np.uint32) * 1000
add("thirty-two.tif", tiff(uint32), to_byte(uint32, uint32.min(), uint32.max()), 1)
deep_rgba = rgba.astype(np.uint32) << 24
add(
    "thirty-two-alpha.tif",
    tiff(deep_rgba, photometric="rgb", extrasamples=["unassalpha"]),
    on_white(to_byte(deep_rgba[..., :3], deep_rgba[..., :3].min(), deep_rgba[..., :3].max()), alpha),
    2,
)
# A channel of which the file says nothing is no alpha: Pillow leaves it out too.
add("unnamed-channel.tif", tiff(rgba, extrasamples=["unspecified"]), rgb)
add(
    "unnamed-channel-gray.tif",
    tiff(
        np.dstack([gray, alpha]),
        photometric="minisblack",
        planarconfig="contig",
        extrasamples=["unspecified"],
    ),
    gray,
)
add("unnamed-channel-deep.tif", tiff(deep, extrasamples=["unspecified"]), deep[..., :3] >> 8)
cmyk = rng.integers(0, 256, (*size, 4), dtype=np.uint8)
add("cmyk.tif", tiff(cmyk, photometric="separated"), naive_rgb(cmyk))
add("cmyk-deep.tif", tiff(cmyk.astype(np.uint16) * 257, photometric="separated"), naive_rgb(cmyk))
add(
    "cmyk-alpha.tif",
    tiff(np.dstack([cmyk, alpha]), photometric="separated", extrasamples=["unassalpha"]),
    on_white(naive_rgb(cmyk), alpha),
)
buffer = io.BytesIO()
with tifffile.TiffWriter(buffer) as writer:
    writer.write(deep[..., 0], photometric="minisblack", metadata=None, software=False)
    writer.write(smooth, photometric="rgb", metadata=None, software=False)
    writer.write(unit[..., 0], photometric="minisblack", metadata=None, software=False)
add("pages-mixed.tif", buffer.getvalue(), deep[..., 0] >> 8)
for orientation in range(1, 9):
    turned = ImageOps.exif_transpose(
        Image.open(io.BytesIO(encode(Image.fromarray(rgb), "TIFF", tiffinfo={ORIENTATION: orientation})))
    )
    add(
        f"turned-{orientation}.tif",
        tiff(rgb, extratags=[(ORIENTATION, "H", 1, orientation, True)]),
        np.asarray(turned),
    )

# Forms that are refused, by name: what a message must say of each.
refuse("zstd.tif", tiff(rgb, compression="zstd"), "its compression is Zstandard; save it with LZW or Deflate")
refuse("lzma.tif", tiff(rgb, compression="lzma"), "its compression is LZMA; ")
refuse("jpeg2000.tif", tiff(rgb, compression="jpeg2000"), "its compression is JPEG 2000; ")
refuse(
    "double.tif",
    tiff(wide[..., 0].astype(np.float64)),
    "its numbers are float ones of 64 bits; 1, 2, 4, 8, 16 and 32 are read",
)
refuse("sixty-four.tif", tiff(gray.astype(np.uint64)), "its numbers are unsigned ones of 64 bits; ")
refuse(
    "complex.tif",
    tiff(unit[..., 0].astype(np.complex64)),
    "its numbers are complex or undefined ones of 64 bits; ",
)
for bits_each in [10, 12, 14]:
    packed = (deep[..., 0] >> (16 - bits_each)).astype(np.uint16)
    refuse(
        f"packed-{bits_each}.tif",
        tiff(packed, bitspersample=bits_each),
        f"its numbers are unsigned ones of {bits_each} bits; ",
    )
