"""Images that are neither noise nor photographs: waves, ramps, discs and grain; seeded, no files.

And the PNG writer for them, so that the oracles need no imaging library.
"""

import struct
import zlib

import numpy as np


def textured_image(seed, height, width):
    """uint8 RGB [height, width, 3] with structure at every scale and every channel of its own."""
    random = np.random.Generator(np.random.PCG64(seed))
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    image = np.empty((height, width, 3))
    for channel in range(3):
        a, b = random.uniform(-1, 1, 2)
        image[..., channel] = 110 + 60 * (a * rows / height + b * columns / width)
    for _ in range(4):
        frequency = random.uniform(0.01, 0.25, 2)
        wave = np.sin(2 * np.pi * (frequency[0] * rows + frequency[1] * columns))
        image += wave[..., None] * random.uniform(-25, 25, 3)
    for _ in range(8):
        y, x = random.uniform(0, height), random.uniform(0, width)
        radius = random.uniform(0.05, 0.25) * min(height, width)
        inside = (rows - y) ** 2 + (columns - x) ** 2 < radius**2
        image[inside] = 0.3 * image[inside] + 0.7 * random.uniform(0, 255, 3)
    image += random.normal(0, 8, image.shape)
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def model_input(pixels, settings):
    """float32 [1, h, w, 3]: the artifact's rule, x = (pixel * scale - mean) / std."""
    ordered = pixels[..., ::-1] if settings["channelOrder"] == "bgr" else pixels
    x = ordered.astype(np.float64) * settings["scale"] - np.array(settings["mean"])
    return (x / np.array(settings["std"])).astype(np.float32)[None]


def write_png(path, pixels):
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + pixels[y].tobytes() for y in range(height))  # filter 0 before each row
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")):
            checksum = zlib.crc32(kind + data)
            file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum))
