// @ts-check

/** The polynomial of CRC-32 in zip, gzip and PNG, with its bits reversed. */
const POLYNOMIAL = 0xedb88320;
/** The polynomial of CRC-32C (Castagnoli) in TensorFlow's tables, with its bits reversed. */
const POLYNOMIAL_C = 0x82f63b78;
/** TensorFlow adds this number to a checksum that is stored among the bytes that it covers. */
const MASK_DELTA = 0xa282ead8;

const table = makeTable(POLYNOMIAL);
const tableC = makeTable(POLYNOMIAL_C);

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  return update(table, bytes);
}

/** @param {Uint8Array} bytes */
export function maskedCrc32c(bytes) {
  const crc = update(tableC, bytes);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

/**
 * @param {Uint32Array} entries
 * @param {Uint8Array} bytes
 */
function update(entries, bytes) {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = entries[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {number} polynomial */
function makeTable(polynomial) {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc >>> 0;
  });
}
