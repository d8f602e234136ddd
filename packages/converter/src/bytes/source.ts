import { FormatError } from '../errors.ts';

/**
 * Bytes that can be read at any place: memory, a file, or a URL with ranges. The readers of formats know
 * nothing else about where bytes come from.
 */
export interface RandomAccessSource {
  /** The name in messages: a file name or URL. */
  readonly name: string;
  /** Total length in bytes. */
  readonly byteLength: number;
  /**
   * Reads exactly `length` bytes at `offset`. The result may alias the source's memory, so copy it before
   * you change it.
   *
   * @throws FormatError when the range does not lie within the source
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Releases what only further reading needs, such as a decoder. A later read starts again. */
  close?(): Promise<void>;
}

/** Files in one folder, such as the shards of a checkpoint. */
export interface SourceFolder {
  /** Opens a file by its base name. It returns `undefined` if the file does not exist. */
  open(name: string): Promise<RandomAccessSource | undefined>;
}

/** Makes a source of bytes in memory. The results of `read` alias them. */
export function createMemorySource(name: string, content: Uint8Array): RandomAccessSource {
  // `slice` of Node's Buffer, which is a Uint8Array too, does not copy, although the readers rely on a
  // copy.
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  const source: RandomAccessSource = {
    name,
    byteLength: bytes.byteLength,
    async read(offset, length) {
      checkRange(source, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
  return source;
}

/** Makes a folder of files in memory. */
export function createMemoryFolder(files: ReadonlyMap<string, Uint8Array>): SourceFolder {
  return {
    async open(name) {
      const bytes = files.get(name);
      return bytes === undefined ? undefined : createMemorySource(name, bytes);
    },
  };
}

/** Makes a source of the part [offset, offset + byteLength) of another source. */
export function sliceSource(
  source: RandomAccessSource,
  offset: number,
  byteLength: number,
): RandomAccessSource {
  checkRange(source, offset, byteLength);
  const slice: RandomAccessSource = {
    name: source.name,
    byteLength,
    async read(start, length) {
      checkRange(slice, start, length);
      return source.read(offset + start, length);
    },
  };
  return slice;
}

/** Throws a FormatError when [offset, offset + length) is not within the source. */
export function checkRange(
  source: { name: string; byteLength: number },
  offset: number,
  length: number,
): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!whole || offset < 0 || length < 0 || offset + length > source.byteLength) {
    throw new FormatError(
      source.name,
      `expected ${length} more bytes, found ${Math.max(0, source.byteLength - offset)} of ${source.byteLength}; the file is truncated or damaged`,
      offset,
    );
  }
}
