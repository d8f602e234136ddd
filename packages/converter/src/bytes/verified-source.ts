import type { Crc } from './crc.ts';
import { CHUNK_BYTES } from './limits.ts';
import { checkRange, type RandomAccessSource } from './source.ts';

/** The bytes that {@link createVerifiedSource} reads, and the checksums that it compares. */
export interface VerifiedRange {
  readonly source: RandomAccessSource;
  /** The range [start, start + byteLength) of `source` that is passed on. */
  readonly start: number;
  readonly byteLength: number;
  /** The range that the checksum covers, which contains the range above. */
  readonly coveredStart: number;
  readonly coveredEnd: number;
  readonly algorithm: Crc;
  /** Is called once with the (unmasked) CRC of the covered bytes, and throws if it is wrong. */
  check(crc: number): void | Promise<void>;
}

/**
 * Makes a source of a part of another source, whose CRC is checked while it is read from front to back.
 * Covered bytes before and after the part are read only for the checksum, and a mismatch is thrown with the
 * last bytes. Bytes that are read twice count once, and bytes that the reader skips are read for the
 * checksum.
 */
export function createVerifiedSource(range: VerifiedRange): RandomAccessSource {
  const { source, start, byteLength, coveredEnd, algorithm } = range;
  let crc = 0;
  let covered = range.coveredStart;
  let checked = false;

  async function coverUpTo(end: number): Promise<void> {
    while (covered < end) {
      const bytes = await source.read(covered, Math.min(CHUNK_BYTES, end - covered));
      crc = algorithm.update(crc, bytes);
      covered += bytes.length;
    }
  }

  const verified: RandomAccessSource = {
    name: source.name,
    byteLength,
    async read(offset, length) {
      checkRange(verified, offset, length);
      const from = start + offset;
      const end = from + length;
      await coverUpTo(from);
      const bytes = await source.read(from, length);
      if (covered < end) {
        crc = algorithm.update(crc, bytes.subarray(covered - from));
        covered = end;
      }
      if (!checked && covered >= start + byteLength) {
        await coverUpTo(coveredEnd);
        await range.check(crc);
        checked = true;
      }
      return bytes;
    },
  };
  return verified;
}
