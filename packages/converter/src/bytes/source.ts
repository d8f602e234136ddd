import { FormatError } from '../errors.ts';

/**
 * Bytes that can be read at any place: memory, a file, a URL with ranges. Readers of formats know
 * nothing else of where bytes come from.
 */
export interface RandomAccessSource {
  /** For messages: a file name or URL. */
  readonly name: string;
  /** Total length in bytes. */
  readonly byteLength: number;
  /**
   * Reads exactly `length` bytes at `offset`. The result may alias the source's memory: copy before
   * changing it.
   *
   * @throws FormatError when the range does not lie within the source
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Lets go of what reading on would need, such as a decoder; a later read starts again. */
  close?(): Promise<void>;
}

/** Files that lie side by side: the shards of a checkpoint. */
export interface SourceFolder {
  /** Opens a file by its base name; `undefined` when it is not there. */
  open(name: string): Promise<RandomAccessSource | undefined>;
}

/** A source over bytes in memory; results of `read` alias them. */
export function createMemorySource(name: string, content: Uint8Array): RandomAccessSource {
  // Node's Buffer is a Uint8Array whose `slice` does not copy, which readers rely on.
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

/** A folder over files in memory. */
export function createMemoryFolder(files: ReadonlyMap<string, Uint8Array>): SourceFolder {
  return {
    async open(name) {
      const bytes = files.get(name);
      return bytes === undefined ? undefined : createMemorySource(name, bytes);
    },
  };
}

/** The part [offset, offset + byteLength) of a source, as a source. */
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
