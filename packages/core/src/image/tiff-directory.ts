/** The size in bytes of one value of each type of TIFF 6.0 and BigTIFF; the index is the type's number. */
const bytesOfType: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/** The most values of a tag that are read. No tag that we need has more, but a file may declare billions. */
const MAX_VALUES = 64;

/** The location of the values of a tag. */
export interface TiffEntry {
  readonly type: number;
  readonly count: number;
  /** Offset of the first value, in bytes from the beginning of the file. */
  readonly at: number;
}

/** The tags of the first picture of a TIFF that lie in the given bytes. */
export interface TiffDirectory {
  readonly view: DataView;
  readonly isLittle: boolean;
  readonly entries: ReadonlyMap<number, TiffEntry>;
}

/**
 * Reads the first directory of a TIFF or BigTIFF.
 *
 * @param bytes the file, or its beginning.
 * @returns null for a file that is no TIFF, or whose directory lies beyond the bytes.
 */
export function readTiffDirectory(bytes: Uint8Array): TiffDirectory | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 16) return null;
  const isLittle = bytes[0] === 0x49;
  const version = view.getUint16(2, isLittle);
  if (version !== 42 && version !== 43) return null;
  const isBig = version === 43;
  const wordBytes = isBig ? 8 : 4;
  const word = (at: number): number =>
    isBig ? Number(view.getBigUint64(at, isLittle)) : view.getUint32(at, isLittle);
  const start = word(isBig ? 8 : 4);
  const first = start + (isBig ? 8 : 2);
  if (first > view.byteLength) return null;
  const count = isBig ? word(start) : view.getUint16(start, isLittle);
  const entryBytes = 4 + 2 * wordBytes;
  const entries = new Map<number, TiffEntry>();
  for (let at = first, i = 0; i < count && at + entryBytes <= view.byteLength; i++) {
    const type = view.getUint16(at + 2, isLittle);
    const values = word(at + 4);
    const place = at + 4 + wordBytes;
    const isInside = values * (bytesOfType[type] ?? 0) <= wordBytes;
    const entry = { type, count: values, at: isInside ? place : word(place) };
    entries.set(view.getUint16(at, isLittle), entry);
    at += entryBytes;
  }
  return { view, isLittle, entries };
}

/**
 * The numbers of a tag, at most 64; none if it is absent, lies beyond the bytes, or holds no plain numbers.
 */
export function readTagNumbers(directory: TiffDirectory, tag: number): readonly number[] {
  const { view, isLittle, entries } = directory;
  const entry = entries.get(tag);
  if (entry === undefined) return [];
  const read = numberReaders[entry.type];
  const size = bytesOfType[entry.type] ?? 0;
  const count = Math.min(entry.count, MAX_VALUES);
  if (read === undefined || entry.at + count * size > view.byteLength) return [];
  return Array.from({ length: count }, (_, i) => read(view, entry.at + i * size, isLittle));
}

/** The text of an ASCII tag, without the zero at its end; empty if the tag is absent. */
export function readTagText({ view, entries }: TiffDirectory, tag: number): string {
  const entry = entries.get(tag);
  const ASCII = 2;
  if (entry?.type !== ASCII) return '';
  const count = Math.min(entry.count, MAX_VALUES);
  if (entry.at + count > view.byteLength) return '';
  const letters = Array.from({ length: count }, (_, i) => view.getUint8(entry.at + i));
  return String.fromCharCode(...letters).split('\0')[0]!;
}

type ReadNumber = (view: DataView, at: number, isLittle: boolean) => number;

/**
 * Readers by type number: BYTE, SHORT, LONG, their signed forms, FLOAT, DOUBLE, and BigTIFF's 64-bit types.
 */
const numberReaders: Readonly<Record<number, ReadNumber>> = {
  1: (view, at) => view.getUint8(at),
  3: (view, at, isLittle) => view.getUint16(at, isLittle),
  4: (view, at, isLittle) => view.getUint32(at, isLittle),
  6: (view, at) => view.getInt8(at),
  8: (view, at, isLittle) => view.getInt16(at, isLittle),
  9: (view, at, isLittle) => view.getInt32(at, isLittle),
  11: (view, at, isLittle) => view.getFloat32(at, isLittle),
  12: (view, at, isLittle) => view.getFloat64(at, isLittle),
  13: (view, at, isLittle) => view.getUint32(at, isLittle),
  16: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle)),
  17: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)),
};
