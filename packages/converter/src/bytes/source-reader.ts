import { FormatError } from '../errors.ts';
import { readVarint, readVarint64 } from './varint.ts';
import type { RandomAccessSource } from './source.ts';

const WINDOW_BYTES = 64 * 1024;

/**
 * Reads a source that need not be in memory, from a place that moves on with each read, through a window of
 * 64 KiB. `need(n)` fetches bytes and the other reads are synchronous, so that a stream of small records
 * does not cost a promise for each.
 *
 * @example
 * ```ts
 * // not run: the class is internal; every test of a format reads through it
 * await reader.need(1);
 * const opcode = reader.readUint8();
 * ```
 */
export class SourceReader {
  readonly #source: RandomAccessSource;
  readonly #format: string;
  readonly #end: number;
  readonly #windowBytes: number;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart: number;
  #position: number;

  /**
   * Reads [start, end) of `source`. `format` is named in errors. `windowBytes` is the number of bytes
   * fetched at once, which should be small if only a head is needed.
   */
  constructor(
    source: RandomAccessSource,
    format: string,
    start = 0,
    end = source.byteLength,
    windowBytes = WINDOW_BYTES,
  ) {
    this.#source = source;
    this.#format = format;
    this.#position = start;
    this.#windowStart = start;
    this.#end = end;
    this.#windowBytes = windowBytes;
  }

  /** Absolute offset of the next byte. */
  get position(): number {
    return this.#position;
  }

  /** The number of bytes left before `end`. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  /** The number of bytes that can be read without `need`. */
  get buffered(): number {
    return this.#windowStart + this.#window.byteLength - this.#position;
  }

  /** True if `need(length)` would fetch bytes. Loops use it to avoid an await. */
  isShort(length: number): boolean {
    return this.buffered < length && this.buffered < this.remaining;
  }

  /** Fetches the next `length` bytes (or all that remain, if fewer) into the window. */
  async need(length: number): Promise<void> {
    if (!this.isShort(length)) return;
    const wanted = Math.min(Math.max(length, this.#windowBytes), this.remaining);
    this.#window = await this.#source.read(this.#position, wanted);
    this.#windowStart = this.#position;
  }

  /** Reads the next byte; call `need` first. */
  readUint8(): number {
    const byte = this.#window[this.#position - this.#windowStart];
    if (byte === undefined || this.remaining < 1) throw this.fail('expected 1 more byte, found 0');
    this.#position += 1;
    return byte;
  }

  /** Reads the next `length` bytes, which alias the window; call `need` first. */
  readBytes(length: number): Uint8Array {
    if (length > this.remaining || length > this.buffered) {
      throw this.fail(`expected ${length} more bytes, found ${this.remaining}`);
    }
    const start = this.#position - this.#windowStart;
    this.#position += length;
    return this.#window.subarray(start, start + length);
  }

  /** Reads an unsigned varint below 2^53; call `need(10)` first. */
  readVarint(): number {
    const varint = readVarint(this.#window, this.#position - this.#windowStart);
    return this.#accept(varint);
  }

  /** Reads an unsigned varint of 64 bits; call `need(10)` first. */
  readVarint64(): bigint {
    const varint = readVarint64(this.#window, this.#position - this.#windowStart);
    return this.#accept(varint);
  }

  /** Skips `length` bytes without fetching them. */
  skip(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.remaining) {
      throw this.fail(`expected ${length} more bytes, found ${this.remaining}`);
    }
    this.#position += length;
    if (this.buffered < 0) {
      this.#window = new Uint8Array(0);
      this.#windowStart = this.#position;
    }
  }

  /**
   * The distance to the next byte with value `byte`, which must lie within `limit` bytes. It fetches bytes
   * itself.
   */
  async findByte(byte: number, limit: number): Promise<number> {
    for (let wanted = 256; ; wanted *= 4) {
      await this.need(wanted);
      const start = this.#position - this.#windowStart;
      const found = this.#window.indexOf(byte, start);
      if (found >= 0 && found - start <= limit) return found - start;
      if (found >= 0 || wanted > limit || this.buffered >= this.remaining) {
        throw this.fail(
          `expected byte ${byte} within the next ${Math.min(limit, this.remaining)} bytes, found none`,
        );
      }
    }
  }

  /** Makes a FormatError for this place, which the caller throws. */
  fail(message: string): FormatError {
    return new FormatError(this.#format, message, this.#position);
  }

  #accept<T>(varint: { value: T; end: number } | undefined): T {
    if (varint === undefined || varint.end + this.#windowStart > this.#end) {
      throw this.fail('bad varint');
    }
    this.#position = varint.end + this.#windowStart;
    return varint.value;
  }
}
