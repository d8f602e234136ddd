import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { ByteCursor } from '../../bytes/byte-cursor.ts';
import { MAX_ARCHIVE_MEMBERS, MAX_ZIP_DIRECTORY_BYTES } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { namingFile } from '../../tensors/name-file.ts';

/**
 * A member in the directory at the end of a zip, including the 64-bit forms. Specification: PKWARE
 * APPNOTE.TXT 4.3.12 to 4.3.16, 4.5.3.
 */
export interface ZipMember {
  readonly name: string;
  /** The compression method: 0 is stored, 8 is deflated. */
  readonly method: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly byteLength: number;
  /** Offset of the local header, which is before the data. */
  readonly headerOffset: number;
}

const FORMAT = 'zip';
/** Bytes of the header before a member's data, without the name that it repeats. */
export const LOCAL_HEADER_BYTES = 30;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const LOCATOR_BYTES = 20;
const END_64_BYTES = 56;
const SIGNATURES = {
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  entry: 0x02014b50,
} as const;
/** This value means that the real value is in the 64-bit extra field. */
const IN_EXTRA = 0xffffffff;
const EXTRA_64 = 0x0001;
const ENCRYPTED = 0x0001;

interface DirectoryPlace {
  offset: number;
  byteLength: number;
  count: number;
}

/**
 * Reads the members of a zip.
 *
 * @throws FormatError, UnsupportedError (encryption), LimitError that name the file
 */
export function readZipMembers(source: RandomAccessSource): Promise<ZipMember[]> {
  return namingFile(source.name, () => readDirectory(source));
}

async function readDirectory(source: RandomAccessSource): Promise<ZipMember[]> {
  const place = await findDirectory(source);
  if (place.count > MAX_ARCHIVE_MEMBERS) {
    throw new LimitError('members', MAX_ARCHIVE_MEMBERS, place.count);
  }
  if (place.byteLength > MAX_ZIP_DIRECTORY_BYTES) {
    throw new LimitError('zip directory', MAX_ZIP_DIRECTORY_BYTES, place.byteLength);
  }
  const bytes = await source.read(place.offset, place.byteLength);
  const cursor = new ByteCursor(bytes, FORMAT, place.offset);
  const members = Array.from({ length: place.count }, () => readMember(cursor));
  checkPlaces(members, place.offset);
  return members;
}

/**
 * Checks that members share no bytes, which would let a small file describe endless work, and that no two
 * have the same name.
 */
function checkPlaces(members: readonly ZipMember[], directory: number): void {
  const names = new Set<string>();
  let end = 0;
  for (const member of [...members].sort((a, b) => a.headerOffset - b.headerOffset)) {
    const { name, headerOffset, compressedBytes } = member;
    if (names.has(name)) throw new FormatError(FORMAT, `two members have the name ${name}`);
    names.add(name);
    if (headerOffset < end) throw new FormatError(FORMAT, `${name} overlaps another member`);
    end = headerOffset + LOCAL_HEADER_BYTES + compressedBytes;
    // A member whose header lies after the start of the directory is refused as truncated when it is opened.
    if (headerOffset < directory && end > directory) {
      throw new FormatError(FORMAT, `${name} overlaps the archive's directory`);
    }
  }
}

async function findDirectory(source: RandomAccessSource): Promise<DirectoryPlace> {
  const length = Math.min(source.byteLength, END_BYTES + MAX_COMMENT_BYTES);
  const start = source.byteLength - length;
  const tail = await source.read(start, length);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  // The search runs backwards, because the comment at the very end may contain the signature too.
  for (let offset = length - END_BYTES; offset >= 0; offset--) {
    if (view.getUint32(offset, true) !== SIGNATURES.end) continue;
    const cursor = new ByteCursor(tail.subarray(offset), FORMAT, start + offset);
    cursor.skip(10);
    const place = { count: cursor.readUint16(), byteLength: cursor.readUint32(), offset: 0 };
    place.offset = cursor.readUint32();
    const is64 = place.offset === IN_EXTRA || place.byteLength === IN_EXTRA;
    return is64 || place.count === 0xffff ? findDirectory64(source, start + offset) : place;
  }
  throw new FormatError(
    FORMAT,
    `${source.name}: the end record of the zip directory is missing; the file is truncated`,
  );
}

async function findDirectory64(source: RandomAccessSource, end: number): Promise<DirectoryPlace> {
  const locatorOffset = end - LOCATOR_BYTES;
  const locator = new ByteCursor(
    await source.read(locatorOffset, LOCATOR_BYTES),
    FORMAT,
    locatorOffset,
  );
  if (locator.readUint32() !== SIGNATURES.locator64) throw locator.fail('no zip64 locator');
  locator.skip(4);
  const offset = locator.readUint64();
  const record = new ByteCursor(await source.read(offset, END_64_BYTES), FORMAT, offset);
  if (record.readUint32() !== SIGNATURES.end64) throw record.fail('no zip64 end of directory');
  record.skip(28);
  const count = record.readUint64();
  const byteLength = record.readUint64();
  return { count, byteLength, offset: record.readUint64() };
}

function readMember(cursor: ByteCursor): ZipMember {
  if (cursor.readUint32() !== SIGNATURES.entry) throw cursor.fail('no directory entry');
  cursor.skip(4);
  const flags = cursor.readUint16();
  const method = cursor.readUint16();
  cursor.skip(4);
  const crc32 = cursor.readUint32();
  const sizes = { compressed: cursor.readUint32(), whole: cursor.readUint32(), header: 0 };
  const nameLength = cursor.readUint16();
  const extraLength = cursor.readUint16();
  const commentLength = cursor.readUint16();
  cursor.skip(8);
  sizes.header = cursor.readUint32();
  const name = new TextDecoder().decode(cursor.readBytes(nameLength));
  readExtra(new ByteCursor(cursor.readBytes(extraLength), FORMAT, cursor.position), sizes);
  cursor.skip(commentLength);
  if ((flags & ENCRYPTED) !== 0) {
    throw new UnsupportedError('encrypted zip', `${name} is encrypted; unpack it first`);
  }
  return {
    name,
    method,
    crc32,
    compressedBytes: sizes.compressed,
    byteLength: sizes.whole,
    headerOffset: sizes.header,
  };
}

/** Reads the 64-bit values, which stand in this order for those 32-bit values that are full. */
function readExtra(
  cursor: ByteCursor,
  sizes: { compressed: number; whole: number; header: number },
): void {
  while (cursor.remaining >= 4) {
    const id = cursor.readUint16();
    const length = cursor.readUint16();
    if (id !== EXTRA_64) {
      cursor.skip(length);
      continue;
    }
    const end = cursor.offset + length;
    if (sizes.whole === IN_EXTRA) sizes.whole = cursor.readUint64();
    if (sizes.compressed === IN_EXTRA) sizes.compressed = cursor.readUint64();
    if (sizes.header === IN_EXTRA) sizes.header = cursor.readUint64();
    cursor.skip(Math.max(0, end - cursor.offset));
  }
}
