// @ts-check
import {
  concat,
  decodeUint,
  decodeVarint,
  encodeUint,
  encodeVarint,
  replaceRange,
} from '../bytes.mjs';
import { mutateBytes } from './bytes.mjs';
import { mutateInteger } from './integers.mjs';
import { mutateText } from './text.mjs';

/**
 * The place at which a format stores a number or a text.
 *
 * @typedef {object} Field
 * @property {number} at
 * @property {number} size in bytes
 * @property {'little' | 'big' | 'varint' | 'text' | 'bytes' | 'fixed'} kind `fixed`: text that keeps its size
 * @property {readonly number[]} [choices] values that have a meaning there
 */

/**
 * The layout of a file: its fields, and the sections that can be moved, repeated or removed.
 *
 * @typedef {object} Layout
 * @property {Field[]} fields
 * @property {{ at: number, size: number }[]} sections
 */

/** The most times that a section is repeated. */
const MAX_REPEATS = 64;

/**
 * Mutates a format by its own layout. Bytes that can no longer be dissected are mutated without a layout.
 *
 * @param {(bytes: Uint8Array) => Layout} dissect may throw
 * @param {(bytes: Uint8Array) => Uint8Array} [seal] corrects checksums where it can
 * @returns {import('./bytes.mjs').Mutation}
 */
export function fieldMutation(dissect, seal) {
  return (bytes, random, peers) => {
    const layout = tryTo(() => dissect(bytes));
    if (layout === undefined || layout.fields.length + layout.sections.length === 0) {
      return mutateBytes(bytes, random, peers);
    }
    const { fields, sections } = layout;
    const onFields = sections.length === 0 || (fields.length > 0 && random.chance(0.7));
    const mutant = onFields
      ? mutateField(bytes, random.pick(fields), fields, random)
      : moveSections(bytes, sections, random);
    // Some mutants keep a wrong checksum, which readers must notice.
    return seal === undefined || random.chance(0.1)
      ? mutant
      : (tryTo(() => seal(mutant)) ?? mutant);
  };
}

/**
 * @param {Uint8Array} bytes
 * @param {Field} field
 * @param {readonly Field[]} fields
 * @param {import('../random.mjs').Random} random
 */
function mutateField(bytes, field, fields, random) {
  const { at, size, kind, choices } = field;
  const content = bytes.subarray(at, at + size);
  /** @param {Uint8Array} value */
  const put = (value) => replaceRange(bytes, at, at + size, value);
  if (kind === 'text') return put(mutateText(content, random, []));
  if (kind === 'fixed') {
    const text = (random.chance(0.7) ? mutateText : mutateBytes)(content, random, []);
    return put(concat(text, new Uint8Array(size)).slice(0, size));
  }
  if (kind === 'bytes') return put(mutateBytes(content, random, []));
  if (random.chance(0.15)) {
    const other = random.pick(fields.filter((one) => one.kind === kind));
    return put(bytes.slice(other.at, other.at + other.size));
  }
  const chosen = choices !== undefined && random.chance(0.7) ? random.pick(choices) : undefined;
  if (kind === 'varint') {
    const { value } = decodeVarint(bytes, at);
    return put(encodeVarint(chosen ?? mutateInteger(value, bytes.length, random)));
  }
  const little = kind === 'little';
  const value = chosen ?? mutateInteger(decodeUint(bytes, at, size, little), bytes.length, random);
  return put(encodeUint(value, size, little));
}

/**
 * @param {Uint8Array} bytes
 * @param {readonly { at: number, size: number }[]} sections
 * @param {import('../random.mjs').Random} random
 */
function moveSections(bytes, sections, random) {
  const one = random.pick(sections);
  const other = random.pick(sections);
  const content = bytes.slice(one.at, one.at + one.size);
  const end = one.at + one.size;
  switch (random.below(5)) {
    case 0:
      return replaceRange(bytes, one.at, end, new Uint8Array(0));
    case 1:
      return replaceRange(bytes, other.at, other.at, content);
    case 2: {
      const times = random.size(MAX_REPEATS);
      return replaceRange(bytes, end, end, concat(...Array.from({ length: times }, () => content)));
    }
    case 3: {
      const [first, last] = one.at <= other.at ? [one, other] : [other, one];
      if (first.at + first.size > last.at)
        return replaceRange(bytes, one.at, end, new Uint8Array(0));
      return concat(
        bytes.subarray(0, first.at),
        bytes.subarray(last.at, last.at + last.size),
        bytes.subarray(first.at + first.size, last.at),
        bytes.subarray(first.at, first.at + first.size),
        bytes.subarray(last.at + last.size),
      );
    }
    default:
      return replaceRange(bytes, one.at, end, mutateBytes(content, random, []));
  }
}

/**
 * @template T
 * @param {() => T} make
 * @returns {T | undefined}
 */
export function tryTo(make) {
  try {
    return make();
  } catch {
    return undefined;
  }
}
