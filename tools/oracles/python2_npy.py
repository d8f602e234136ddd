"""A dict of arrays as Python 2's numpy.save wrote it: what the real vgg16.npy looks like inside.

Python 3 cannot write this form: its pickles hold bytes as BINBYTES or as text, never as the
BINSTRING of Python 2. So the opcodes are put out here, in the order of Python 2's cPickle
(protocol 2), one array at a time: memory stays at one array however large the file is.
"""

import struct

import numpy as np


def write_python2_npy(path, layers):
    """`layers`: iterable of (key, [array, ..]); written as {key: [array, ..]}.

    A generator is welcome: nothing is kept. A unicode key is asked for as ("unicode", key), a dict
    of named arrays in the place of the list is written as a dict.
    """
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    header += b" " * (-(10 + len(header) + 1) % 16) + b"\n"  # numpy before 1.14 padded to 16
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        _Emitter(file).object_array_of_dict(layers)


class _Emitter:
    def __init__(self, file):
        self.put = file.write
        self.memo = 0
        self.known = {}  # globals and dtypes already written: cPickle refers back to them

    def object_array_of_dict(self, layers):
        self.put(b"\x80\x02")
        self._start_array(())
        self._dtype("O8", "|", 63)
        self.put(b"\x89]")  # C order; the elements follow as a list
        self._memoise()
        self.put(b"}")
        self._memoise()
        self.put(b"(")
        for key, arrays in layers:
            self._key(key)
            if isinstance(arrays, dict):
                self._dict(arrays)
            else:
                self._list(arrays)
        self.put(b"u" + b"a" + b"tb" + b".")  # SETITEMS, APPEND, the array's state, STOP

    def _list(self, arrays):
        self.put(b"]")
        self._memoise()
        if len(arrays) == 1:  # a batch of one is APPEND, not MARK .. APPENDS
            self._array(arrays[0])
            self.put(b"a")
            return
        self.put(b"(")
        for array in arrays:
            self._array(array)
        self.put(b"e")

    def _dict(self, arrays):
        self.put(b"}")
        self._memoise()
        self.put(b"(")
        for name, array in arrays.items():
            self._string(name.encode())
            self._array(array)
        self.put(b"u")

    def _array(self, array):
        fortran = array.flags.f_contiguous and not array.flags.c_contiguous
        self._start_array(array.shape)
        self._dtype(array.dtype.str[1:], array.dtype.str[0], 0)
        self.put(b"\x88" if fortran else b"\x89")
        stored = array.T if fortran else np.ascontiguousarray(array)
        self._string(stored.reshape(-1).view(np.uint8).data)
        self.put(b"tb")

    def _start_array(self, shape):
        self._global("numpy.core.multiarray", "_reconstruct")
        self._global("numpy", "ndarray")
        self.put(b"K\x00\x85U\x01b\x87R")  # _reconstruct(ndarray, (0,), 'b')
        self._memoise()
        self.put(b"(K\x01")  # state, version 1
        self._tuple(shape)

    def _dtype(self, code, order, flags):
        if (code, order) in self.known:
            return self._recall((code, order))
        self._global("numpy", "dtype")
        self._string(code.encode())
        self.put(b"K\x00K\x01\x87R")
        self._memoise((code, order))
        self.put(b"(K\x03")
        self._string(order.encode())
        self.put(b"NNN" + b"J\xff\xff\xff\xff" * 2 + b"K" + bytes([flags]) + b"tb")

    def _global(self, module, name):
        if (module, name) in self.known:
            return self._recall((module, name))
        self.put(f"c{module}\n{name}\n".encode())
        self._memoise((module, name))

    def _key(self, key):
        if isinstance(key, tuple):
            data = key[1].encode("utf-8")
            self.put(b"X" + struct.pack("<I", len(data)) + data)
        else:
            self._string(key.encode("latin1"))
        self._memoise()

    def _string(self, data):
        size = len(data)
        self.put(b"U" + bytes([size]) if size < 256 else b"T" + struct.pack("<i", size))
        self.put(data)

    def _tuple(self, values):
        if len(values) > 3:
            self.put(b"(")
        for value in values:
            if value < 256:
                self.put(b"K" + bytes([value]))
            elif value < 65536:
                self.put(b"M" + struct.pack("<H", value))
            else:
                self.put(b"J" + struct.pack("<i", value))
        self.put({0: b")", 1: b"\x85", 2: b"\x86", 3: b"\x87"}.get(len(values), b"t"))

    def _memoise(self, name=None):
        self.memo += 1  # cPickle counts from 1
        if name is not None:
            self.known[name] = self.memo
        self.put(
            b"q" + bytes([self.memo]) if self.memo < 256 else b"r" + struct.pack("<I", self.memo)
        )

    def _recall(self, name):
        index = self.known[name]
        self.put(b"h" + bytes([index]) if index < 256 else b"j" + struct.pack("<I", index))
