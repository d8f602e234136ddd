"""Writes a .npy file with a dict of [weights, biases] lists byte for byte as NumPy under Python 2
did: a 0-d object array, pickled with protocol 2, tensor bytes and names as Python-2 strings.

The classic VGG16 file is of this kind. No living NumPy writes it, hence this small emitter.
"""

import struct


class Emitter:
    def __init__(self):
        self.out = bytearray(b"\x80\x02")
        self.memo = {}

    def remember(self, key):
        """BINPUT. Python 2's C pickler numbers from 1 and skips objects nobody else refers to."""
        number = len(self.memo) + 1
        self.memo[key] = number
        self.out += b"q" + bytes([number]) if number < 256 else b"r" + struct.pack("<I", number)

    def shared(self, key, emit):
        number = self.memo.get(key)
        if number is None:
            emit()
            self.remember(key)
        else:
            self.out += b"h" + bytes([number]) if number < 256 else b"j" + struct.pack("<I", number)

    def name(self, module, attribute):
        code = f"c{module}\n{attribute}\n".encode()
        self.shared(code, lambda: self.out.extend(code))

    def string(self, data):
        if len(data) < 256:
            self.out += b"U" + bytes([len(data)]) + data
        else:
            self.out += b"T" + struct.pack("<i", len(data)) + data

    def integer(self, value):
        if 0 <= value < 256:
            self.out += b"K" + bytes([value])
        elif 0 <= value < 65536:
            self.out += b"M" + struct.pack("<H", value)
        else:
            self.out += b"J" + struct.pack("<i", value)

    def shape(self, shape):
        if not shape:
            self.out += b")"
            return
        if len(shape) > 3:
            self.out += b"("
        for size in shape:
            self.integer(size)
        self.out += b"t" if len(shape) > 3 else b"\x85\x86\x87"[len(shape) - 1 : len(shape)]

    def dtype(self, kind, order, flags):
        def emit():
            self.name("numpy", "dtype")
            self.string(kind)
            self.out += b"K\x00K\x01\x87R"

        known = ("dtype", kind) in self.memo
        self.shared(("dtype", kind), emit)
        if not known:
            self.out += b"(K\x03"
            self.string(order)
            self.out += b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK" + bytes([flags]) + b"tb"

    def open_array(self, key, shape, kind, order, flags):
        """Everything of an ndarray but its content, which the caller writes before close_array."""
        self.name("numpy.core.multiarray", "_reconstruct")
        self.name("numpy", "ndarray")
        self.out += b"K\x00\x85U\x01b\x87R"
        self.remember(key)
        self.out += b"(K\x01"
        self.shape(shape)
        self.dtype(kind, order, flags)
        self.out += b"\x89"  # not Fortran order

    def close_array(self):
        self.out += b"tb"

    def float_array(self, key, array):
        self.open_array(key, array.shape, b"f4", b"<", 0)
        self.string(array.astype("<f4").tobytes())
        self.close_array()


def pickle_layers(layers):
    """layers: {name: [weights, biases]}"""
    emitter = Emitter()
    emitter.open_array("top", (), b"O8", b"|", 0x3F)
    emitter.out += b"]"
    emitter.remember("items")
    emitter.out += b"}"
    emitter.remember("dict")
    emitter.out += b"("
    for name, arrays in layers.items():
        emitter.string(name.encode())
        emitter.remember(("name", name))
        emitter.out += b"]"
        emitter.remember(("list", name))
        emitter.out += b"("
        for i, array in enumerate(arrays):
            emitter.float_array((name, i), array)
        emitter.out += b"e"
    emitter.out += b"ua"
    emitter.close_array()
    emitter.out += b"."
    return bytes(emitter.out)


def npy_bytes(layers):
    # NumPy before 1.14 padded magic + version + length + header to a multiple of 16.
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    padded = header + b" " * (-(10 + len(header) + 1) % 16) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + pickle_layers(layers)
