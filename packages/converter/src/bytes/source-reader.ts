import { FormatError } from '../errors.ts';
import { readVarint, readVarint64 } from './varint.ts';
import type { RandomAccessSource } from './source.ts';

const WINDOW_BYTES = 64 * 1024;

/**
 * A place in a source that need not be in memory, read through a window of 64 KiB. `need(n)` fetches,
 * the other reads are synchronous, so that a stream of small records costs no promise each.
 *
 * @example
 * ```ts
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
   * Reads [start, end) of `source`; `format` names the errors. `windowBytes` is what is fetched at
   * once: little where only a head is wanted.
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

  /** Bytes left before `end`. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  /** Bytes that can be read without `need`. */
  get buffered(): number {
    return this.#windowStart + this.#window.byteLength - this.#position;
  }

  /** True when `need(length)` would fetch: lets loops skip the await. */
  isShort(length: number): boolean {
    return this.buffered < length && this.buffered < this.remaining;
  }

  /** Brings the next `length` bytes (or all that remain, if fewer) into the window. */
  async need(length: number): Promise<void> {
    if (!this.isShort(length)) return;
    const wanted = Math.min(Math.max(length, this.#windowBytes), this.remaining);
    this.#window = await this.#source.read(this.#position, wanted);
    this.#windowStart = this.#position;
  }

  /** The next byte; call `need` first. */
  readUint8(): number {
    const byte = this.#window[this.#position - this.#windowStart];
    if (byte === undefined || this.remaining < 1) throw this.fail('expected 1 more byte, found 0');
    this.#position += 1;
    return byte;
  }

  /** The next `length` bytes, aliasing the window; call `need` first. */
  readBytes(length: number): Uint8Array {
    if (length > this.remaining || length > this.buffered) {
      throw this.fail(`expected ${length} more bytes, found ${this.remaining}`);
    }
    const start = this.#position - this.#windowStart;
    this.#position += length;
    return this.#window.subarray(start, start + length);
  }

  /** An unsigned varint below 2^53; call `need(10)` first. */
  readVarint(): number {
    const varint = readVarint(this.#window, this.#position - this.#windowStart);
    return this.#accept(varint);
  }

  /** An unsigned varint of 64 bits; call `need(10)` first. */
  readVarint64(): bigint {
    const varint = readVarint64(this.#window, this.#position - this.#windowStart);
    return this.#accept(varint);
  }

  /** Moves past `length` bytes without fetching them. */
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

  /** The next byte of value `byte` counted from here, within `limit` bytes; fetches. */
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

  /** A FormatError at this place, for the caller to throw. */
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
