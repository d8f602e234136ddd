/** Bytes of the length of the header, with which a file begins. */
export const LENGTH_BYTES = 8;

const BRACE = 0x7b;

/** Whether a file begins with the length of a JSON object that lies within it. */
export function hasSafetensorsHead(head: Uint8Array, byteLength: number): boolean {
  if (head.length <= LENGTH_BYTES || head[LENGTH_BYTES] !== BRACE) return false;
  return readHeaderLength(head) <= byteLength - LENGTH_BYTES;
}

/** The length of the header that the first bytes of a file state. */
export function readHeaderLength(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, LENGTH_BYTES);
  return Number(view.getBigUint64(0, true));
}
