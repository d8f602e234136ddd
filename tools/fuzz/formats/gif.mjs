// @ts-check
import { mutateBytes } from '../mutate/bytes.mjs';
import { fieldMutation } from '../mutate/fields.mjs';

const HEADER_BYTES = 13;

/**
 * The layout of a GIF: its screen, images and extensions. Spec: GIF89a.
 *
 * @param {Uint8Array} bytes
 * @returns {import('../mutate/fields.mjs').Layout}
 */
function dissect(bytes) {
  /** @type {import('../mutate/fields.mjs').Layout} */
  const layout = { fields: [], sections: [] };
  /**
   * @param {number} at
   * @param {number} size
   */
  const number = (at, size) => layout.fields.push({ at, size, kind: 'little' });
  for (const [at, size] of [
    [3, 3],
    [6, 2],
    [8, 2],
    [10, 1],
    [11, 1],
    [12, 1],
  ])
    number(at, size);
  let at = HEADER_BYTES + colours(bytes[10]);
  while (at < bytes.length && bytes[at] !== 0x3b) {
    const start = at;
    if (bytes[at] === 0x2c) {
      for (const offset of [1, 3, 5, 7]) number(at + offset, 2);
      number(at + 9, 1);
      at += 10 + colours(bytes[at + 9]);
      number(at, 1);
      at += 1;
    } else {
      number(at + 1, 1);
      at += 2;
    }
    for (; at < bytes.length && bytes[at] !== 0; at += 1 + bytes[at]) number(at, 1);
    at += 1;
    layout.sections.push({ at: start, size: at - start });
  }
  return layout;
}

/** @param {number} flags contain the size of a colour table, which is returned in bytes */
function colours(flags) {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const gifMutations = [fieldMutation(dissect), mutateBytes];
