import { checkRange, type RandomAccessSource } from './source.ts';

/** Joins sources one after the other into a single source. */
export function createJoinedSource(
  name: string,
  parts: readonly RandomAccessSource[],
): RandomAccessSource {
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const joined: RandomAccessSource = {
    name,
    byteLength,
    async read(offset, length) {
      checkRange(joined, offset, length);
      const bytes = new Uint8Array(length);
      let start = 0;
      for (const part of parts) {
        const from = Math.max(offset, start);
        const to = Math.min(offset + length, start + part.byteLength);
        if (from < to) bytes.set(await part.read(from - start, to - from), from - offset);
        start += part.byteLength;
      }
      return bytes;
    },
  };
  return joined;
}
