// @ts-check
import { concat, decodeUint, encodeUint } from '../bytes.mjs';

/** The bytes of the header's length, which begin the file. */
const LENGTH_BYTES = 8;

/**
 * The header, JSON, and the numbers of all tensors as two parts. Spec: the README of
 * huggingface/safetensors.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
export const safetensorsParts = {
  unpack(bytes) {
    const length = Number(decodeUint(bytes, 0, LENGTH_BYTES, true));
    const end = LENGTH_BYTES + Math.min(length, bytes.length - LENGTH_BYTES);
    return [
      { name: 'header', bytes: bytes.slice(LENGTH_BYTES, end) },
      { name: 'data', bytes: bytes.slice(end) },
    ];
  },
  pack([header, ...rest]) {
    const bytes = header?.bytes ?? new Uint8Array(0);
    const numbers = rest.map((part) => part.bytes);
    return concat(encodeUint(bytes.length, LENGTH_BYTES, true), bytes, ...numbers);
  },
};

/**
 * The length as a field, and header and numbers as sections.
 *
 * @param {Uint8Array} bytes
 * @returns {import('../mutate/fields.mjs').Layout}
 */
export function dissectSafetensors(bytes) {
  const [header, data] = safetensorsParts.unpack(bytes).map((part) => part.bytes.length);
  return {
    fields: [{ at: 0, size: LENGTH_BYTES, kind: 'little' }],
    sections: [
      { at: LENGTH_BYTES, size: header },
      { at: LENGTH_BYTES + header, size: data },
    ],
  };
}
