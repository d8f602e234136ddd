// @ts-check
import { concat, decodeUint, encodeUint, latin1, toLatin1 } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';

/** Types of boxes that contain boxes, with the number of bytes before the first of them. */
const HOLDERS = new Map([
  ['meta', 4],
  ['iprp', 0],
  ['ipco', 0],
  ['dinf', 0],
  ['moov', 0],
  ['trak', 0],
  ['mdia', 0],
  ['iref', 4],
]);

/**
 * The boxes of an AVIF as parts. Spec: ISO/IEC 14496-12, 23008-12.
 *
 * @param {number} head bytes before the first box
 * @returns {import('../mutate/container.mjs').Container}
 */
function boxes(head) {
  return {
    unpack(bytes) {
      const parts = [{ name: '', bytes: bytes.slice(0, head), extra: 'head' }];
      for (let at = head; at + 8 <= bytes.length;) {
        const size = Number(decodeUint(bytes, at, 4, false));
        if (size < 8) throw new RangeError('box');
        parts.push({
          name: toLatin1(bytes.subarray(at + 4, at + 8)),
          bytes: bytes.slice(at + 8, at + size),
          extra: '',
        });
        at += size;
      }
      return parts;
    },
    pack: (parts) =>
      concat(
        ...parts.map(({ name, bytes, extra }) =>
          extra === 'head'
            ? bytes
            : concat(
                encodeUint(bytes.length + 8, 4, false),
                latin1(name.padEnd(4).slice(0, 4)),
                bytes,
              ),
        ),
      ),
  };
}

/** Treats all bytes of a box as numbers of two and of four bytes, which covers sizes, counts and offsets. */
const numbers = fieldMutation((bytes) => ({
  fields: Array.from({ length: Math.min(60, Math.max(0, bytes.length - 3)) }, (_, i) => ({
    at: i,
    size: i % 4 === 0 ? 4 : 2,
    kind: /** @type {const} */ ('big'),
  })),
  sections: [],
}));

/**
 * @param {Uint8Array} bytes
 * @param {import('../random.mjs').Random} random
 * @param {readonly Uint8Array[]} peers
 * @param {number} head
 * @returns {Uint8Array}
 */
function mutateBoxes(bytes, random, peers, head) {
  return containerMutation(boxes(head), ({ name }) => {
    const inner = HOLDERS.get(name);
    if (inner !== undefined) return [(content, choose) => mutateBoxes(content, choose, [], inner)];
    return name === 'mdat' ? [mutateBytes] : [numbers, numbers, mutateBytes];
  })(bytes, random, peers);
}

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const avifMutations = [
  (bytes, random, peers) => mutateBoxes(bytes, random, peers, 0),
  mutateBytes,
];
