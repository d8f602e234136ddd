// @ts-check
import { concat, decodeVarint, encodeUint, encodeVarint } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { fieldMutation } from '../mutate/fields.mjs';

/** The length of the shortest repetition that is encoded as a copy. */
const MIN_MATCH = 4;
const MAX_COPY = 64;
/** The largest decoded size of a block that is mutated inside. No seed has more. */
const MAX_DECODED = 2n ** 18n;

/**
 * Compresses a Snappy block into literals, and copies with two-byte offsets for bytes that appeared before.
 * Spec: google/snappy format_description.txt.
 *
 * @param {Uint8Array} bytes
 */
export function compressSnappy(bytes) {
  /** @type {Map<number, number>} */
  const seen = new Map();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  /** @type {Uint8Array[]} */
  const parts = [encodeVarint(bytes.length)];
  let literal = 0;
  for (let at = 0; at + MIN_MATCH <= bytes.length;) {
    const four = view.getUint32(at, true);
    const before = seen.get(four);
    seen.set(four, at);
    if (before === undefined || at - before > 0xffff) {
      at++;
      continue;
    }
    let length = MIN_MATCH;
    while (
      length < MAX_COPY &&
      at + length < bytes.length &&
      bytes[before + length] === bytes[at + length]
    )
      length++;
    parts.push(encodeLiteral(bytes.subarray(literal, at)));
    parts.push(concat(Uint8Array.of(((length - 1) << 2) | 2), encodeUint(at - before, 2, true)));
    at += length;
    literal = at;
  }
  return concat(...parts, encodeLiteral(bytes.subarray(literal)));
}

/** @param {Uint8Array} bytes */
function encodeLiteral(bytes) {
  if (bytes.length === 0) return bytes;
  if (bytes.length <= 60) return concat(Uint8Array.of((bytes.length - 1) << 2), bytes);
  return concat(Uint8Array.of(62 << 2), encodeUint(bytes.length - 1, 3, true), bytes);
}

/**
 * @param {Uint8Array} block
 * @throws RangeError for a block that is none
 */
export function decompressSnappy(block) {
  const { value, end } = decodeVarint(block, 0);
  // Without this check the fuzzer itself would read a block of zeros that claims a larger size as millions of
  // empty entries, before any reader under test sees it.
  if (value > MAX_DECODED) throw new RangeError('large');
  const bytes = new Uint8Array(Number(value));
  let filled = 0;
  for (const { isCopy, size, at, length, offset } of listElements(block, end)) {
    if (!isCopy) bytes.set(block.subarray(at + size - length, at + size), filled);
    else for (let i = 0; i < length; i++) bytes[filled + i] = bytes[filled + i - offset];
    filled += length;
  }
  return bytes;
}

/**
 * @param {Uint8Array} block
 * @param {number} start
 */
function listElements(block, start) {
  const elements = [];
  for (let at = start; at < block.length;) {
    const tag = block[at];
    const kind = tag & 3;
    const extra = kind === 0 ? Math.max(0, (tag >> 2) - 59) : [0, 1, 2, 4][kind];
    let number = 0;
    for (let i = extra; i > 0; i--) number = number * 256 + (block[at + i] ?? 0);
    let length = (tag >> 2) + 1;
    if (kind === 0 && extra > 0) length = number + 1;
    if (kind === 1) length = ((tag >> 2) & 7) + 4;
    const offset = kind === 1 ? ((tag >> 5) << 8) | number : number;
    const size = 1 + extra + (kind === 0 ? length : 0);
    elements.push({ at, size, extra, isCopy: kind !== 0, length, offset });
    at += size;
  }
  return elements;
}

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const snappyMutations = [
  fieldMutation((block) => {
    const { end } = decodeVarint(block, 0);
    const elements = listElements(block, end);
    /** @type {import('../mutate/fields.mjs').Field[]} */
    const fields = [{ at: 0, size: end, kind: 'varint' }];
    for (const { at, extra } of elements) {
      fields.push({ at, size: 1, kind: 'little' });
      if (extra > 0) fields.push({ at: at + 1, size: extra, kind: 'little' });
    }
    return { fields, sections: elements };
  }),
  mutateBytes,
];
