import { inflateRawSync } from 'node:zlib';
import npyjs from 'npyjs';

/** The arrays of a NumPy archive by their names. A test's reader: the archive is trusted. */
export function readNpz(bytes: Buffer): ReadonlyMap<string, ArrayLike<number>> {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const arrays = new Map<string, ArrayLike<number>>();
  for (let i = 0; i < count; i++) {
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const [nameLength, extra, comment] = [28, 30, 32].map((place) =>
      bytes.readUInt16LE(at + place),
    );
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength!);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(from, from + packed);
    const file = method === 8 ? inflateRawSync(data) : data;
    arrays.set(name.replace(/\.npy$/, ''), readNpy(file));
    at += 46 + nameLength! + extra! + comment!;
  }
  return arrays;
}

/** The values of an array of numbers or truth values. */
export function readNpy(bytes: Buffer): ArrayLike<number> {
  const header = bytes.toString('latin1', 10, 10 + bytes.readUInt16LE(8));
  // npyjs does not know truth values; each is a byte.
  if (header.includes("'|b1'")) return Uint8Array.from(bytes.subarray(10 + header.length));
  return new npyjs().parse(Uint8Array.from(bytes).buffer).data as unknown as ArrayLike<number>;
}
