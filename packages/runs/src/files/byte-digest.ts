import { createHash } from 'node:crypto';

/**
 * The size and the digest of bytes, taken while they are read or written. Two of them are equal where the
 * bytes are.
 */
export interface ByteDigest {
  readonly size: number;
  add(bytes: Uint8Array): void;
  equals(other: ByteDigest): boolean;
  /** The sha256 of the bytes so far, in hex. */
  toHex(): string;
}

/** A digest of no bytes, to which bytes are added. */
export function createByteDigest(): ByteDigest {
  const hash = createHash('sha256');
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(bytes) {
      hash.update(bytes);
      size += bytes.byteLength;
    },
    equals(other) {
      return other.size === size && other.toHex() === this.toHex();
    },
    // A hash can be finished only once, so its copy is.
    toHex: () => hash.copy().digest('hex'),
  };
}
