import { describe, expect, test } from 'vitest';
import { buildTables, updateBody } from '../../src/bytes/crc.ts';
import { createWasmCrc } from '../../src/bytes/crc-wasm.ts';
import { CRC32C, computeCrc32c, maskCrc32c } from '../../src/bytes/crc32c.ts';

const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4.
  test.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', ascending, 0x46dd794e],
    ['31 to 0', ascending.slice().reverse(), 0x113fdb5c],
    ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s', (_, bytes, expected) => {
    expect(computeCrc32c(bytes)).toBe(expected);
  });

  test('is the same wherever the bytes lie and however they are cut', () => {
    const memory = Uint8Array.from({ length: 200 }, (_, index) => (index * 37) & 0xff);
    const whole = computeCrc32c(memory.slice(3, 190));
    for (let cut = 3; cut <= 190; cut++) {
      const first = CRC32C.update(0, memory.subarray(3, cut));
      expect(CRC32C.update(first, memory.subarray(cut, 190))).toBe(whole);
    }
  });

  test('is the same in WebAssembly, eight bytes a step, and byte by byte', () => {
    const tables = buildTables(0x82f63b78);
    const wasm = createWasmCrc(tables)!;
    const memory = Uint8Array.from({ length: 300_001 }, (_, index) => (index * index) & 0xff);
    for (const [start, length] of [
      [0, 8],
      [1, 4096],
      [3, 131_072],
      [5, 131_080],
      [1, 299_992],
    ] as const) {
      const bytes = memory.subarray(start, start + length);
      let plain = ~0;
      for (const byte of bytes) plain = (plain >>> 8) ^ tables[0]![(plain ^ byte) & 0xff]!;
      expect(wasm.run(~0, bytes)).toBe(plain);
      expect(updateBody(tables, ~0, bytes)).toBe(plain);
      expect(computeCrc32c(bytes)).toBe(~plain >>> 0);
    }
  });

  test('is masked as LevelDB does: rotated by 15, plus a constant', () => {
    expect(maskCrc32c(0)).toBe(0xa282ead8);
    expect(maskCrc32c(0x8000)).toBe(0xa282ead9);
    expect(maskCrc32c(1)).toBe(0xa284ead8);
  });
});
