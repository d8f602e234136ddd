// @ts-check
import { decodeUint } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { fieldMutation } from '../mutate/fields.mjs';

const ENTRY_BYTES = 12;
const MAX_DIRECTORIES = 4;
/**
 * The tags of sizes, depths, compression, photometric interpretation, strips, tiles, samples and orientation.
 */
const TAGS = [
  256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339,
];

/**
 * The layout of a TIFF: its header, directories and their entries. Spec: TIFF 6.0.
 *
 * @param {Uint8Array} bytes
 * @param {number} start of the TIFF; in EXIF it lies within another file
 * @returns {import('../mutate/fields.mjs').Layout}
 */
export function tiffFields(bytes, start) {
  const little = bytes[start] === 0x49;
  const kind = little ? 'little' : 'big';
  /** @type {import('../mutate/fields.mjs').Layout} */
  const layout = {
    fields: [
      { at: start, size: 2, kind, choices: [0x4949, 0x4d4d] },
      { at: start + 2, size: 2, kind, choices: [42, 43] },
      { at: start + 4, size: 4, kind },
    ],
    sections: [],
  };
  let at = start + Number(decodeUint(bytes, start + 4, 4, little));
  for (let i = 0; i < MAX_DIRECTORIES && at > start && at + 2 <= bytes.length; i++) {
    const count = Number(decodeUint(bytes, at, 2, little));
    layout.fields.push({ at, size: 2, kind });
    const end = at + 2 + count * ENTRY_BYTES;
    if (end + 4 > bytes.length) break;
    for (let entry = at + 2; entry < end; entry += ENTRY_BYTES) {
      layout.fields.push({ at: entry, size: 2, kind, choices: TAGS });
      layout.fields.push({
        at: entry + 2,
        size: 2,
        kind,
        choices: [1, 2, 3, 4, 5, 7, 11, 12, 13, 16],
      });
      layout.fields.push({ at: entry + 4, size: 4, kind }, { at: entry + 8, size: 4, kind });
      layout.fields.push({ at: entry + 8, size: 2, kind });
      layout.sections.push({ at: entry, size: ENTRY_BYTES });
    }
    layout.fields.push({ at: end, size: 4, kind });
    at = start + Number(decodeUint(bytes, end, 4, little));
  }
  return layout;
}

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const tiffMutations = [fieldMutation((bytes) => tiffFields(bytes, 0)), mutateBytes];
