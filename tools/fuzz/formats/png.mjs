// @ts-check
import { deflateSync, inflateSync } from 'node:zlib';
import { concat, encodeUint, latin1, toLatin1 } from '../bytes.mjs';
import { crc32 } from '../checksums.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';

const SIGNATURE = latin1('\x89PNG\r\n\x1a\n');

/**
 * The chunks as parts. Packing writes correct lengths and checksums. Spec: https://www.w3.org/TR/png-3/
 *
 * @type {import('../mutate/container.mjs').Container}
 */
const chunks = {
  unpack(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const parts = [];
    for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
      const size = view.getUint32(at);
      parts.push({
        name: toLatin1(bytes.subarray(at + 4, at + 8)),
        bytes: bytes.slice(at + 8, at + 8 + size),
      });
      at += 12 + size;
    }
    return parts;
  },
  pack: (parts) =>
    concat(
      SIGNATURE,
      ...parts.flatMap(({ name, bytes }) => {
        const typed = concat(latin1(name.padEnd(4).slice(0, 4)), bytes);
        return [encodeUint(bytes.length, 4, false), typed, encodeUint(crc32(typed), 4, false)];
      }),
    ),
};

/** @type {import('../mutate/container.mjs').Container} */
const deflated = {
  unpack: (bytes) => [
    { name: '', bytes: new Uint8Array(inflateSync(bytes, { maxOutputLength: 2 ** 22 })) },
  ],
  pack: (parts) =>
    new Uint8Array(deflateSync(concat(...parts.map(({ bytes }) => bytes)), { level: 1 })),
};

const headerFields = fieldMutation(() => ({
  fields: [
    { at: 0, size: 4, kind: 'big' },
    { at: 4, size: 4, kind: 'big' },
    { at: 8, size: 1, kind: 'big', choices: [0, 1, 2, 4, 8, 16] },
    { at: 9, size: 1, kind: 'big', choices: [0, 1, 2, 3, 4, 6] },
    { at: 10, size: 1, kind: 'big' },
    { at: 11, size: 1, kind: 'big' },
    { at: 12, size: 1, kind: 'big', choices: [0, 1] },
  ],
  sections: [],
}));
const mutatePixels = containerMutation(deflated, () => [mutateBytes]);

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const pngMutations = [
  containerMutation(chunks, ({ name }) => {
    if (name === 'IHDR') return [headerFields];
    return name === 'IDAT' ? [mutatePixels, mutateBytes] : [mutateBytes];
  }),
  containerMutation(chunks, ({ name }) => (name === 'IHDR' ? [headerFields] : [mutateBytes])),
  mutateBytes,
];
