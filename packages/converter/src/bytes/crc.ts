/**
 * Cyclic redundancy checks of 32 bits, reflected, eight bytes a step ("slicing by 8").
 */
export interface Crc {
  /** The CRC (unsigned) of what `crc` covers followed by `bytes`; 0 covers nothing. */
  update(crc: number, bytes: Uint8Array): number;
}

/** Tables 0 to 7: what a byte so many places before the end contributes. */
type Tables = [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Fewer bytes than this need not contain two whole words. */
const SHORT_BYTES = 12;

/** The check of a polynomial, given with its lowest power in the highest bit. */
export function createCrc(polynomial: number): Crc {
  const tables = buildTables(polynomial);
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;

  function updateByteByByte(state: number, bytes: Uint8Array): number {
    let next = state;
    for (const byte of bytes) next = (next >>> 8) ^ t0[(next ^ byte) & 0xff]!;
    return next;
  }

  return {
    update(crc, bytes) {
      if (bytes.length < SHORT_BYTES) return ~updateByteByByte(~crc, bytes) >>> 0;
      const unaligned = -bytes.byteOffset & 3;
      let state = updateByteByByte(~crc, bytes.subarray(0, unaligned));
      // Words are twice as fast as bytes. Their order is the machine's: little-endian wherever
      // JavaScript runs.
      const words = new Int32Array(
        bytes.buffer,
        bytes.byteOffset + unaligned,
        (bytes.length - unaligned) >>> 2,
      );
      let index = 0;
      // Indices below are bounded by `& 0xff` and the loop condition.
      for (const last = words.length - 2; index <= last; index += 2) {
        const low = words[index]! ^ state;
        const high = words[index + 1]!;
        state =
          t7[low & 0xff]! ^
          t6[(low >>> 8) & 0xff]! ^
          t5[(low >>> 16) & 0xff]! ^
          t4[low >>> 24]! ^
          t3[high & 0xff]! ^
          t2[(high >>> 8) & 0xff]! ^
          t1[(high >>> 16) & 0xff]! ^
          t0[high >>> 24]!;
      }
      return ~updateByteByByte(state, bytes.subarray(unaligned + 4 * index)) >>> 0;
    },
  };
}

function buildTables(polynomial: number): Tables {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let state = byte;
    for (let bit = 0; bit < 8; bit++) state = state & 1 ? (state >>> 1) ^ polynomial : state >>> 1;
    first[byte] = state;
  }
  const next = (table: Int32Array) => table.map((crc) => (crc >>> 8) ^ first[crc & 0xff]!);
  const t1 = next(first);
  const t2 = next(t1);
  const t3 = next(t2);
  const t4 = next(t3);
  const t5 = next(t4);
  const t6 = next(t5);
  return [first, t1, t2, t3, t4, t5, t6, next(t6)];
}
