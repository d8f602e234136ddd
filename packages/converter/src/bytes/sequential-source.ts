import { FormatError } from '../errors.ts';
import { checkRange, type RandomAccessSource } from './source.ts';

/** Bytes that can be produced only from front to back, for example by decompressing or decoding. */
export interface SequentialBytes {
  /** The name in messages. */
  readonly name: string;
  /** The exact number of bytes that must come. */
  readonly byteLength: number;
  /** Starts from the front. Faults that are found only at the end are thrown there. */
  open(): AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Makes a source of bytes that come from front to back. Reading on costs nothing extra, and reading an
 * earlier place starts again from the front. When it reads the last byte, it checks that no bytes follow.
 *
 * @throws FormatError from `read` when there are fewer or more bytes than announced
 */
export function createSequentialSource(bytes: SequentialBytes): RandomAccessSource {
  const { name, byteLength } = bytes;
  let batches = bytes.open();
  /** Offset of `batch` in the source. */
  let position = 0;
  let batch: Uint8Array = new Uint8Array(0);
  let ended = false;

  async function seek(offset: number): Promise<void> {
    if (offset < position) await restart();
  }

  async function restart(): Promise<void> {
    await batches.return();
    // A generator runs only after its first batch is requested.
    batches = bytes.open();
    position = 0;
    batch = new Uint8Array(0);
    ended = false;
  }

  async function advance(): Promise<void> {
    position += batch.length;
    const next = await batches.next();
    if (next.done === true) {
      throw new FormatError(
        name,
        `expected ${byteLength} bytes after decompression, found ${position}`,
      );
    }
    batch = next.value;
  }

  async function expectEnd(): Promise<void> {
    if (ended) return;
    let surplus = position + batch.length > byteLength;
    // Empty batches may follow. Running to the end lets checksums be verified.
    while (!surplus) {
      const next = await batches.next();
      if (next.done === true) break;
      surplus = next.value.length > 0;
    }
    if (surplus) {
      await batches.return();
      throw new FormatError(name, `expected ${byteLength} bytes after decompression, found more`);
    }
    ended = true;
  }

  const source: RandomAccessSource = {
    name,
    byteLength,
    close: restart,
    async read(offset, length) {
      checkRange(source, offset, length);
      await seek(offset);
      const result = new Uint8Array(length);
      for (let used = 0; used < length;) {
        const from = offset + used - position;
        if (from >= batch.length) {
          await advance();
          continue;
        }
        const part = batch.subarray(from, from + length - used);
        result.set(part, used);
        used += part.length;
      }
      if (length > 0 && offset + length === byteLength) await expectEnd();
      return result;
    },
  };
  return source;
}
