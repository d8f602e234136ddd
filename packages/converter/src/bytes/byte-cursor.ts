import { FormatError } from '../errors.ts';
import { readVarint, readVarint64 } from './varint.ts';

/**
 * Reads bytes that are in memory, little-endian and with bounds checks, from a place that moves on with
 * each read. Its errors name the format and the absolute offset (`base` + place).
 */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #format: string;
  readonly #base: number;
  /** Offset of the next byte in `bytes`. */
  offset = 0;

  constructor(bytes: Uint8Array, format: string, base = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#format = format;
    this.#base = base;
  }

  /** The number of bytes that are left. */
  get remaining(): number {
    return this.#bytes.byteLength - this.offset;
  }

  /** Absolute offset of the next byte in the source. */
  get position(): number {
    return this.#base + this.offset;
  }

  readUint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  readUint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  readUint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** Reads an unsigned 64-bit integer, which must be below 2^53. */
  readUint64(): number {
    const value = Number(this.#view.getBigUint64(this.#advance(8), true));
    if (!Number.isSafeInteger(value)) throw this.fail('a size is 2^53 or larger');
    return value;
  }

  /** Reads the next `length` bytes. The result aliases the cursor's memory. */
  readBytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Reads an unsigned varint below 2^53. */
  readVarint(): number {
    const varint = readVarint(this.#bytes, this.offset);
    if (varint === undefined) throw this.fail('bad varint');
    this.offset = varint.end;
    return varint.value;
  }

  /** Reads an unsigned varint of 64 bits. */
  readVarint64(): bigint {
    const varint = readVarint64(this.#bytes, this.offset);
    if (varint === undefined) throw this.fail('bad varint');
    this.offset = varint.end;
    return varint.value;
  }

  /** Skips `length` bytes. */
  skip(length: number): void {
    this.#advance(length);
  }

  /** Makes a FormatError for this place, which the caller throws. */
  fail(message: string): FormatError {
    return new FormatError(this.#format, message, this.position);
  }

  #advance(length: number): number {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.remaining) {
      throw this.fail(`expected ${length} more bytes, found ${this.remaining}`);
    }
    const start = this.offset;
    this.offset += length;
    return start;
  }
}
