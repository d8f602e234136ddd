"""Cases of PNG: depths, palettes, key colours, interlacing, profiles."""

import io
import struct

import numpy as np
from PIL import Image, ImageCms

from coded_cases import add, bits, deep, encode, gray, on_white, rgb, rng
from png_bytes import GRAY, GRAY_ALPHA, PALETTE, RGB, RGBA, chunk, matrix_profile, png

add("deep-rgb.png", png(deep[..., :3], RGB, 16), deep[..., :3] >> 8)
add("deep-rgba.png", png(deep, RGBA, 16), on_white(deep[..., :3] >> 8, deep[..., 3] >> 8))
add(
    "deep-gray-alpha.png",
    png(deep[..., :2], GRAY_ALPHA, 16),
    on_white(deep[..., :1] >> 8, deep[..., 1] >> 8)[..., 0],
)
add("interlaced.png", png(rgb, RGB, interlaced=True), rgb)
add(
    "interlaced-deep.png",
    png(deep, RGBA, 16, interlaced=True),
    on_white(deep[..., :3] >> 8, deep[..., 3] >> 8),
)
add("interlaced-bits.png", png(bits.astype(np.uint8), GRAY, 1, interlaced=True), np.where(bits, 255, 0))
for depth in [2, 4]:
    levels = gray >> (8 - depth)
    add(f"gray-{depth}-bits.png", png(levels, GRAY, depth), levels.astype(int) * 255 // (2**depth - 1))
for depth in [1, 2, 4, 8]:
    palette = rng.integers(0, 256, (2**depth, 3), dtype=np.uint8)
    shares = rng.integers(0, 256, 2**depth // 2, dtype=np.uint8)  # Those after the last given are opaque.
    index = gray >> (8 - depth)
    plte = chunk(b"PLTE", palette.tobytes())
    add(f"palette-{depth}-bits.png", png(index, PALETTE, depth, plte), palette[index])
    opacity = np.concatenate([shares, np.full(2**depth - len(shares), 255, np.uint8)])
    add(
        f"palette-{depth}-bits-alpha.png",
        png(index, PALETTE, depth, plte + chunk(b"tRNS", shares.tobytes())),
        on_white(palette[index], opacity[index]),
    )
# A key colour: the one value that is transparent, which is white then.
key = int(gray[2, 3])
add(
    "gray-key.png",
    png(gray, GRAY, 8, chunk(b"tRNS", struct.pack(">H", key))),
    np.where(gray == key, 255, gray),
)
key = int(deep[2, 3, 0])
near = deep[..., 0].copy()
near[1, 1] = key ^ 1  # The same upper byte, and not the key.
add(
    "deep-gray-key.png",
    png(near, GRAY, 16, chunk(b"tRNS", struct.pack(">H", key))),
    np.where(near == key, 255, near >> 8),
)
key = rgb[2, 3]
add(
    "rgb-key.png",
    png(rgb, RGB, 8, chunk(b"tRNS", struct.pack(">HHH", *key.tolist()))),
    np.where((rgb == key).all(axis=2)[..., None], 255, rgb),
)
key = deep[2, 3, :3]
add(
    "deep-rgb-key.png",
    png(deep[..., :3], RGB, 16, chunk(b"tRNS", struct.pack(">HHH", *key.tolist()))),
    np.where((deep[..., :3] == key).all(axis=2)[..., None], 255, deep[..., :3] >> 8),
)
# Stored numbers count: neither the gamma of a file nor its profile changes them.
add("gamma.png", png(rgb, RGB, 8, chunk(b"gAMA", struct.pack(">I", 100000))), rgb)


p3 = matrix_profile(
    "Display P3", [(0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)]
)
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(p3))).strip() == "Display P3"
add("wide-gamut.png", encode(Image.fromarray(rgb), "PNG", icc_profile=p3), rgb)
add("srgb-profile.png", encode(Image.fromarray(rgb), "PNG", icc_profile=srgb), rgb)
