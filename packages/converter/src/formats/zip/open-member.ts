import { ChecksumError, FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { ByteCursor } from '../../bytes/byte-cursor.ts';
import { createCrc } from '../../bytes/crc.ts';
import { CHUNK_BYTES, MAX_INFLATION_RATIO, MAX_TENSOR_BYTES } from '../../bytes/limits.ts';
import { createSequentialSource } from '../../bytes/sequential-source.ts';
import { createVerifiedSource } from '../../bytes/verified-source.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { LOCAL_HEADER_BYTES, type ZipMember } from './central-directory.ts';

const FORMAT = 'zip';
const LOCAL_SIGNATURE = 0x04034b50;
/**
 * Packed bytes that are read at once. They are few, so that a reader that stops after a head causes little
 * extra work.
 */
const PACKED_READ_BYTES = 64 * 1024;
const METHODS = { stored: 0, deflated: 8 } as const;

/** The checksum of zip and gzip (IEEE 802.3). */
export const CRC32 = createCrc(0xedb88320);

/**
 * Opens the content of a member as a source that verifies the member's CRC while it is read from front to
 * back. Deflated members are inflated during reading, and nothing is kept.
 *
 * @throws FormatError, UnsupportedError (other methods), LimitError
 */
export async function openZipMember(
  source: RandomAccessSource,
  member: ZipMember,
): Promise<RandomAccessSource> {
  const { byteLength, compressedBytes, method } = member;
  const start = await findMemberData(source, member);
  if (byteLength > MAX_TENSOR_BYTES)
    throw new LimitError(member.name, MAX_TENSOR_BYTES, byteLength);
  if (method === METHODS.stored) {
    if (byteLength !== compressedBytes) {
      throw new FormatError(
        FORMAT,
        `${member.name} is stored without compression, but its two sizes differ`,
        start,
      );
    }
    const verified = createVerifiedSource({
      source,
      algorithm: CRC32,
      start,
      byteLength,
      coveredStart: start,
      coveredEnd: start + byteLength,
      check: (crc) => checkCrc(source, member, crc),
    });
    return { ...verified, name: member.name };
  }
  if (method !== METHODS.deflated) {
    throw new UnsupportedError(
      `zip method ${method}`,
      `${member.name} is compressed by method ${method}; only 0 (stored) and 8 (deflate) can be read`,
    );
  }
  if (byteLength > compressedBytes * MAX_INFLATION_RATIO + CHUNK_BYTES) {
    const ratio = Math.round(byteLength / compressedBytes);
    throw new LimitError(`inflation of ${member.name} (a bomb?)`, MAX_INFLATION_RATIO, ratio);
  }
  const packed = sliceSource(source, start, compressedBytes);
  return createSequentialSource({
    name: member.name,
    byteLength,
    open: () => inflate(packed, (crc) => checkCrc(source, member, crc), member.name),
  });
}

/**
 * Finds the offset of a member's data. The local header before it repeats the name, and its extra fields
 * have a length of their own.
 *
 * @throws FormatError for a missing header, and for data beyond the end of the file
 */
export async function findMemberData(
  source: RandomAccessSource,
  member: ZipMember,
): Promise<number> {
  const { headerOffset, compressedBytes, name } = member;
  const bytes = await source.read(headerOffset, LOCAL_HEADER_BYTES);
  const cursor = new ByteCursor(bytes, FORMAT, headerOffset);
  if (cursor.readUint32() !== LOCAL_SIGNATURE) throw cursor.fail(`no local header of ${name}`);
  cursor.skip(22);
  const start = headerOffset + LOCAL_HEADER_BYTES + cursor.readUint16() + cursor.readUint16();
  if (start + compressedBytes > source.byteLength) {
    throw new FormatError(
      FORMAT,
      `${name} reaches beyond the end of the file; the file is truncated`,
      start,
    );
  }
  return start;
}

async function* inflate(
  packed: RandomAccessSource,
  check: (crc: number) => void,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const length = Math.min(PACKED_READ_BYTES, packed.byteLength - offset);
      if (length === 0) return controller.close();
      controller.enqueue(new Uint8Array(await packed.read(offset, length)));
      offset += length;
    },
  });
  const reader = input.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  let crc = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      crc = CRC32.update(crc, value);
      yield value;
    }
  } catch (cause) {
    throw new FormatError(FORMAT, `${name} cannot be decompressed; it is damaged`, undefined, {
      cause,
    });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  check(crc);
}

function checkCrc(source: RandomAccessSource, member: ZipMember, found: number): void {
  if (found === member.crc32) return;
  const format = (crc: number) => crc.toString(16).padStart(8, '0');
  throw new ChecksumError(
    `${member.name} in ${source.name}`,
    'crc32',
    format(member.crc32),
    format(found),
  );
}
