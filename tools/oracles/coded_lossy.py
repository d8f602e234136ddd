"""Cases of JPEG, WebP, AVIF and GIF, whose values are what Pillow or libavif decodes."""

import io
import struct

import imagecodecs
import numpy as np
from PIL import Image

from coded_cases import (
    HEIGHT,
    ORIENTATION,
    WIDTH,
    add,
    decode,
    encode,
    gray,
    naive_rgb,
    on_white,
    photo,
    refuse,
    rgb,
    size,
    smooth,
    smooth_alpha,
    to_byte,
    x,
    y,
)
from coded_png import p3

# Decoders round their transforms each in its own way. Node's was found 0 from Pillow's (both are libjpeg's kin),
# Chromium's not farther than this; a wrong table, order of channels or chroma place is tens away.
JPEG_STEPS = 4
exif = Image.Exif()


def add_jpeg(name, image, **options):
    data = encode(image, "JPEG", quality=90, **options)
    add(name, data, decode(data), JPEG_STEPS)


add_jpeg("444.jpg", photo, subsampling="4:4:4")
add_jpeg("422.jpg", photo, subsampling="4:2:2")
add_jpeg("420.jpg", photo, subsampling="4:2:0")
add_jpeg("progressive.jpg", photo, subsampling="4:2:0", progressive=True)
add_jpeg("restarts.jpg", photo, subsampling="4:2:0", restart_marker_blocks=1)
add_jpeg("stored-rgb.jpg", photo, keep_rgb=True)
add_jpeg("gray.jpg", photo.convert("L"))
add_jpeg("gray-progressive.jpg", photo.convert("L"), progressive=True)
add_jpeg("wide-gamut.jpg", photo, subsampling="4:4:4", icc_profile=p3)
for orientation in range(1, 9):
    exif[ORIENTATION] = orientation
    add_jpeg(f"turned-{orientation}.jpg", photo, subsampling="4:4:4", exif=exif)
add(
    "jpeg.tif",
    data := encode(photo, "TIFF", compression="jpeg", quality=90),
    decode(data),
    JPEG_STEPS,
)
smooth_cmyk = np.dstack([255 - smooth, (x * 2 + y).astype(np.uint8)])
adobe = encode(Image.fromarray(smooth_cmyk, "CMYK"), "JPEG", quality=95)
stored = np.asarray(Image.open(io.BytesIO(adobe)))
add("cmyk-adobe.jpg", adobe, naive_rgb(stored), JPEG_STEPS)
add(
    "cmyk-progressive.jpg",
    data := encode(Image.fromarray(smooth_cmyk, "CMYK"), "JPEG", quality=95, progressive=True),
    naive_rgb(np.asarray(Image.open(io.BytesIO(data)))),
    JPEG_STEPS,
)
# Without Adobe's segment: Pillow, libvips and browsers take the numbers for inverted ones nevertheless.
at = adobe.index(b"\xff\xee")
plain = adobe[:at] + adobe[at + 2 + struct.unpack(">H", adobe[at + 2 : at + 4])[0] :]
add("cmyk-plain.jpg", plain, naive_rgb(np.asarray(Image.open(io.BytesIO(plain)))), JPEG_STEPS)
# YCCK: Adobe's transform 2 over inks that are stored inverted.
ycck = imagecodecs.jpeg8_encode(255 - smooth_cmyk, level=95, colorspace="CMYK", outcolorspace="YCCK")
assert b"Adobe" in ycck[:64], ycck[:64]
add("ycck.jpg", ycck, naive_rgb(np.asarray(Image.open(io.BytesIO(ycck)))), JPEG_STEPS)

# WebP and AVIF -----------------------------------------------------------------------------------
# All are libwebp, which is exact; of AVIF the pixels are exact, and the conversion from YCbCr rounds.
WEBP_STEPS = 0
AVIF_STEPS = 1
# Between chroma samples one decoder interpolates and another repeats them, half a sample from here: half of what a
# step across (10) and one down (15) change, and a rounding.
AVIF_420_STEPS = 14


def composited(data):
    image = Image.open(io.BytesIO(data))
    pixels = np.asarray(image.convert("RGBA"))
    return on_white(pixels[..., :3], pixels[..., 3])


see_through = Image.fromarray(np.dstack([smooth, smooth_alpha]))
for name, image in [("lossy", photo), ("lossy-alpha", see_through)]:
    data = encode(image, "WEBP", quality=80)
    add(f"{name}.webp", data, composited(data), WEBP_STEPS)
data = encode(see_through, "WEBP", lossless=True, exact=True)
add("lossless-photo-alpha.webp", data, on_white(smooth, smooth_alpha))
frames = [Image.fromarray(np.full((*size, 3), value, np.uint8)) for value in (40, 90)]
data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
add("frames.webp", data, np.full(size, 40))
frames = [Image.fromarray(np.roll(np.asarray(photo), shift, axis=1)) for shift in (0, 5, 9)]
data = encode(frames[0], "PNG", save_all=True, append_images=frames[1:])
add("frames.png", data, np.asarray(photo))
for orientation in (1, 2, 3, 4, 5, 7, 8, 6):
    exif[ORIENTATION] = orientation
    data = encode(photo, "WEBP", lossless=True, exif=exif)
    add(f"turned-{orientation}.webp", data, decode(data))
add("turned-6.png", data := encode(photo, "PNG", exif=exif), decode(data))
for name, image, options in [
    ("444", photo, {"subsampling": "4:4:4"}),
    ("420", photo, {"subsampling": "4:2:0"}),
    ("gray", photo.convert("L"), {"subsampling": "4:0:0"}),
    ("alpha", see_through, {"subsampling": "4:4:4"}),
    ("turned-6", photo, {"subsampling": "4:4:4", "exif": exif}),
]:
    data = encode(image, "AVIF", quality=90, speed=8, max_threads=1, **options)
    image = Image.open(io.BytesIO(data))
    add(
        f"{name}.avif",
        data,
        composited(data) if name == "alpha" else decode(data),
        AVIF_420_STEPS if name == "420" else AVIF_STEPS,
    )
for depth in [10, 12]:
    full = 2**depth - 1
    levels = np.floor(smooth.astype(np.float64) / 255 * full + 0.5).astype(np.uint16)
    data = imagecodecs.avif_encode(
        levels, level=100, speed=8, bitspersample=depth, pixelformat="444", numthreads=1
    )
    decoded = imagecodecs.avif_decode(data)
    assert decoded.dtype == np.uint16 and decoded.max() <= full
    add(f"{depth}-bits.avif", data, to_byte(decoded, 0, full), AVIF_STEPS)

data = encode(photo, "AVIF", save_all=True, append_images=[photo], quality=50)
refuse("animation.avif", data, "an AVIF animation; single AVIF pictures are read")
data = imagecodecs.jpeg8_encode(gray.astype(np.uint16) * 16, bitspersample=12)
refuse("twelve.jpg", data, "VipsJpeg: Unsupported JPEG data precision 12")

# GIF ---------------------------------------------------------------------------------------------
indexed = Image.fromarray(rgb).quantize(16)
colours = np.asarray(indexed.convert("RGB"))
index = np.asarray(indexed)
clear = int(index[2, 3])
data = encode(indexed, "GIF", transparency=clear, optimize=False)
# The colour table may be written in another order: what is clear is told by place.
add("transparent.gif", data, np.where((index == clear)[..., None], 255, colours))
add("interlaced.gif", encode(indexed, "GIF", interlace=1, optimize=False), colours)
# A first frame away from its corner: what is beside it shows nothing, which is white on a page.
moved = bytearray(encode(indexed, "GIF", optimize=False, interlace=0))
moved[6:10] = struct.pack("<HH", WIDTH + 5, HEIGHT + 4)
at = moved.index(b"\x2c", 13 + 3 * 2 ** ((moved[10] & 7) + 1))
assert moved[at + 1 : at + 9] == struct.pack("<HHHH", 0, 0, WIDTH, HEIGHT)
moved[at + 1 : at + 5] = struct.pack("<HH", 3, 2)
canvas = np.full((HEIGHT + 4, WIDTH + 5, 3), 255)
canvas[2 : 2 + HEIGHT, 3 : 3 + WIDTH] = colours
add("moved-frame.gif", bytes(moved), canvas)
