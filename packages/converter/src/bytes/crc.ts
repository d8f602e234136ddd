import { createWasmCrc, type WasmCrc } from './crc-wasm.ts';

/** Reflected cyclic redundancy checks of 32 bits, computed eight bytes at a time ("slicing by 8"). */
export interface Crc {
  /** The unsigned CRC of the bytes that `crc` covers, followed by `bytes`. A `crc` of 0 covers no bytes. */
  update(crc: number, bytes: Uint8Array): number;
}

/** From this number of bytes on, WebAssembly is faster in spite of copying the bytes to its memory. */
const WASM_BYTES = 4096;

/** Creates the check for a polynomial, whose lowest power is in the highest bit. */
export function createCrc(polynomial: number): Crc {
  const tables = buildTables(polynomial);
  let wasm: WasmCrc | undefined;
  let isWasmTried = false;
  return {
    update(crc, bytes) {
      if (bytes.length < WASM_BYTES) return ~updateTail(tables, ~crc, bytes) >>> 0;
      if (!isWasmTried) wasm = createWasmCrc(tables);
      isWasmTried = true;
      const whole = bytes.length - (bytes.length % 8);
      const body = bytes.subarray(0, whole);
      const state = wasm?.run(~crc, body) ?? updateBody(tables, ~crc, body);
      return ~updateTail(tables, state, bytes.subarray(whole)) >>> 0;
    },
  };
}

/** Processes eight bytes at a time. The length must be a multiple of 8. */
export function updateBody(
  tables: readonly Int32Array[],
  state: number,
  bytes: Uint8Array,
): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  if (!t0 || !t1 || !t2 || !t3 || !t4 || !t5 || !t6 || !t7) throw new RangeError('eight tables');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let next = state;
  // `& 0xff` keeps the indices below within the tables.
  for (let offset = 0; offset < bytes.length; offset += 8) {
    const low = view.getInt32(offset, true) ^ next;
    const high = view.getInt32(offset + 4, true);
    next =
      t7[low & 0xff]! ^
      t6[(low >>> 8) & 0xff]! ^
      t5[(low >>> 16) & 0xff]! ^
      t4[low >>> 24]! ^
      t3[high & 0xff]! ^
      t2[(high >>> 8) & 0xff]! ^
      t1[(high >>> 16) & 0xff]! ^
      t0[high >>> 24]!;
  }
  return next;
}

/** Tables 0 to 7: table k contains the contribution of a byte k places before the end. */
export function buildTables(polynomial: number): readonly Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let state = byte;
    for (let bit = 0; bit < 8; bit++) state = state & 1 ? (state >>> 1) ^ polynomial : state >>> 1;
    first[byte] = state;
  }
  const tables = [first];
  for (let index = 1; index < 8; index++) {
    const previous = tables[index - 1] ?? first;
    tables.push(previous.map((crc) => (crc >>> 8) ^ first[crc & 0xff]!));
  }
  return tables;
}

function updateTail(tables: readonly Int32Array[], state: number, bytes: Uint8Array): number {
  const [first] = tables;
  if (first === undefined) return state;
  let next = state;
  for (const byte of bytes) next = (next >>> 8) ^ first[(next ^ byte) & 0xff]!;
  return next;
}
