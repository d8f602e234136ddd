import { createCrc, type Crc } from './crc.ts';

/**
 * CRC-32C (Castagnoli) and the mask under which TensorFlow stores it.
 * Spec: RFC 3720 appendix B.4; the mask is LevelDB's.
 */
export const CRC32C: Crc = createCrc(0x82f63b78);

/** The CRC (unsigned 32 bits) of `bytes`. */
export function computeCrc32c(bytes: Uint8Array): number {
  return CRC32C.update(0, bytes);
}

/**
 * Masks a CRC as tables and bundles store it. The mask is needed because a CRC of data that contains CRCs
 * is a poor check.
 */
export function maskCrc32c(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A CRC as eight hexadecimal digits, for messages. */
export function formatCrc32c(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
