// @ts-check
import { concat, decodeVarint, encodeVarint } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { tryTo } from '../mutate/fields.mjs';
import { mutateInteger } from '../mutate/integers.mjs';
import { mutateText } from '../mutate/text.mjs';

/**
 * A field of a message: a number, or bytes (which may be a message again).
 *
 * @typedef {{ number: number, wire: number, value: bigint, bytes: Uint8Array }} ProtoField
 */

const MAX_REPEATS = 300;
/** The differences that are now and then added to a length, to make it wrong. */
const LENGTH_FAULTS = [-1, 1, 2, 1000, 2 ** 31, 2 ** 40];

/**
 * @param {Uint8Array} bytes
 * @returns {ProtoField[]}
 * @throws RangeError if the bytes are not a message
 */
export function decodeFields(bytes) {
  const fields = [];
  for (let at = 0; at < bytes.length;) {
    const tag = decodeVarint(bytes, at);
    const number = Number(tag.value >> 3n);
    const wire = Number(tag.value & 7n);
    let value = 0n;
    let start = tag.end;
    let size = wire === 1 ? 8 : wire === 5 ? 4 : 0;
    if (wire === 0) ({ value, end: start } = decodeVarint(bytes, tag.end));
    else if (wire === 2) {
      const length = decodeVarint(bytes, tag.end);
      start = length.end;
      size = Number(length.value);
    } else if (size === 0) throw new RangeError('wire type');
    if (number === 0 || start + size > bytes.length) throw new RangeError('no message');
    fields.push({ number, wire, value, bytes: bytes.slice(start, start + size) });
    at = start + size;
  }
  return fields;
}

/**
 * @param {readonly ProtoField[]} fields
 * @param {import('../random.mjs').Random} [random] makes a length wrong now and then
 */
export function encodeFields(fields, random) {
  return concat(
    ...fields.flatMap(({ number, wire, value, bytes }) => {
      const tag = encodeVarint((BigInt(number) << 3n) | BigInt(wire));
      if (wire === 0) return [tag, encodeVarint(value)];
      if (wire !== 2) return [tag, bytes];
      const fault = random?.chance(0.01) ? random.pick(LENGTH_FAULTS) : 0;
      return [tag, encodeVarint(bytes.length + fault), bytes];
    }),
  );
}

/**
 * Mutates a message at any depth. The lengths around the change are corrected afterwards.
 *
 * @type {import('../mutate/bytes.mjs').Mutation}
 */
export function mutateMessage(bytes, random, peers) {
  const fields = tryTo(() => decodeFields(bytes));
  if (fields === undefined || fields.length === 0) return mutateBytes(bytes, random, peers);
  const one = random.below(fields.length);
  const field = fields[one];
  const isMessage = field.wire === 2 && tryTo(() => decodeFields(field.bytes))?.length;
  if (isMessage && random.chance(0.7)) {
    const inner = mutateMessage(field.bytes, random, []);
    return encodeFields(fields.with(one, { ...field, bytes: inner }), random);
  }
  return encodeFields(changeFields(fields, one, random), random);
}

/**
 * @param {readonly ProtoField[]} fields
 * @param {number} one
 * @param {import('../random.mjs').Random} random
 */
function changeFields(fields, one, random) {
  const field = fields[one];
  const other = random.below(fields.length);
  switch (random.below(9)) {
    case 0:
      return fields.toSpliced(one, 1);
    case 1:
      return fields.toSpliced(other, 0, field);
    case 2: {
      const copies = Array.from({ length: random.size(MAX_REPEATS) }, () => field);
      return fields.toSpliced(one, 0, ...copies);
    }
    case 3:
      return fields.with(one, fields[other]).with(other, field);
    case 4:
      return fields.with(one, {
        ...field,
        number: random.pick([1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 2 ** 29 - 1]),
      });
    case 5:
      return fields.with(one, { ...field, wire: random.pick([0, 1, 2, 3, 5]) });
    default: {
      const value = mutateInteger(field.value, 64, random);
      const mutate = random.chance(0.5) ? mutateBytes : mutateText;
      return fields.with(one, { ...field, value, bytes: mutate(field.bytes, random, []) });
    }
  }
}
