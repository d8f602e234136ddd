"""PNG files byte by byte, in forms that Pillow does not write, and an ICC profile."""

import struct
import zlib

import numpy as np

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pack_rows(rows, depth):
    """Filter 0 before each row; samples of less than 8 bits from the high ones on, 16 bits big-endian."""
    packed = b""
    for row in rows:
        flat = row.reshape(-1)
        if depth == 16:
            body = flat.astype(">u2").tobytes()
        elif depth == 8:
            body = flat.astype(np.uint8).tobytes()
        else:
            spread = (flat[:, None] >> np.arange(depth - 1, -1, -1)) & 1
            body = np.packbits(spread.reshape(-1).astype(np.uint8)).tobytes()
        packed += b"\0" + body
    return packed


def png(samples, colour_type, depth=8, before=b"", interlaced=False):
    height, width = samples.shape[:2]
    head = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))
    # Adam7: first column and row of each pass, and its steps.
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    if not interlaced:
        passes = [(0, 0, 1, 1)]
    body = b""
    for left, top, across, down in passes:
        part = samples[top::down, left::across]
        if part.size > 0:
            body += pack_rows(part, depth)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + before
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


def matrix_profile(name, primaries):
    """A display profile of version 4 with a plain gamma of 2.2: its columns are the primaries as XYZ of D50."""

    def s15(value):
        return struct.pack(">i", round(value * 65536))

    text = name.encode("utf-16-be")
    mluc = b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(text), 28) + text
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(2.2 * 256)) + b"\0\0"
    tags = {b"desc": mluc, b"cprt": mluc, b"wtpt": b"XYZ \0\0\0\0" + s15(0.9642) + s15(1) + s15(0.8249)}
    for letter, column in zip(b"rgb", primaries):
        tags[bytes([letter]) + b"XYZ"] = b"XYZ \0\0\0\0" + b"".join(map(s15, column))
        tags[bytes([letter]) + b"TRC"] = curve
    body, table = b"", struct.pack(">I", len(tags))
    for key, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += key + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(value))
        body += value
    length = 128 + len(table) + len(body)
    head = struct.pack(">I4sI4s4s4s", length, b"\0" * 4, 0x04200000, b"mntr", b"RGB ", b"XYZ ")
    head += (
        struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + s15(0.9642) + s15(1) + s15(0.8249)
    )
    return head.ljust(128, b"\0") + table + body
