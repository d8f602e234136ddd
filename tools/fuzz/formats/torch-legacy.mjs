// @ts-check
import { dissectPickle } from './pickle.mjs';

/** The pickles before the storages: magic number, version, facts of the machine, objects, keys. */
const PICKLES = 5;
/** The bytes that count the elements of a storage. */
const COUNT_BYTES = 8;

/**
 * The layout of what `torch.save` wrote before version 1.6: the opcodes of all its pickles, and the count of
 * the first storage behind them.
 *
 * @param {Uint8Array} bytes
 * @returns {import('../mutate/fields.mjs').Layout}
 */
export function dissectTorchLegacy(bytes) {
  const layout = dissectPickles(bytes, PICKLES);
  const last = layout.sections.at(-1);
  const end = last === undefined ? 0 : last.at + last.size;
  if (end + COUNT_BYTES > bytes.length) return layout;
  layout.fields.push({ at: end, size: COUNT_BYTES, kind: 'little' });
  layout.sections.push({ at: end, size: bytes.length - end });
  return layout;
}

/**
 * The layout of pickles that follow each other.
 *
 * @param {Uint8Array} bytes
 * @param {number} most
 * @returns {import('../mutate/fields.mjs').Layout}
 */
function dissectPickles(bytes, most) {
  /** @type {import('../mutate/fields.mjs').Layout} */
  const layout = { fields: [], sections: [] };
  let at = 0;
  for (let count = 0; count < most; count++) {
    const { fields, sections } = dissectPickle(bytes, at);
    const last = sections.at(-1);
    if (last === undefined) break;
    layout.fields.push(...fields);
    layout.sections.push(...sections);
    at = last.at + last.size;
  }
  return layout;
}
