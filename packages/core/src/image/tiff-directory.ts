/** Bytes of a value of each type of TIFF 6.0 and BigTIFF, by its number. */
const bytesOfType: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/** No tag that is asked for here has more values; a file may state billions. */
const MAX_VALUES = 64;

/** Where the values of a tag are. */
export interface TiffEntry {
  readonly type: number;
  readonly count: number;
  /** Of the first value, in bytes from the beginning of the file. */
  readonly at: number;
}

/** The tags of the first picture of a TIFF, as far as they lie in the given bytes. */
export interface TiffDirectory {
  readonly view: DataView;
  readonly isLittle: boolean;
  readonly entries: ReadonlyMap<number, TiffEntry>;
}

/**
 * Reads the first directory of a TIFF or BigTIFF.
 *
 * @param bytes the file, or its beginning.
 * @returns null for what is no TIFF, or has its directory beyond the bytes.
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

/** The numbers of a tag, at most 64; none where it is absent, beyond the bytes, or holds no plain numbers. */
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

/** The text of a tag of ASCII, without the zero at its end; empty where there is none. */
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

/** By type: BYTE, SHORT, LONG, signed ones, FLOAT, DOUBLE, and BigTIFF's long ones. */
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
