// @ts-check
import { utf8 } from '../bytes.mjs';
import { mutateBytes } from './bytes.mjs';
import { tryTo } from './fields.mjs';
import { NUMBERS } from './integers.mjs';
import { mutateString, mutateText } from './text.mjs';

/** @typedef {{ holder: Record<string, unknown> | unknown[], key: string | number }} Place */

/** Stands for a value that is nested too deep for `JSON.stringify`. It is replaced in the text. */
const DEEP = '@deep@';
const DEPTHS = [10, 100, 1000, 20_000];
const MAX_REPEATS = 2000;
/** The length of a long text, which a careless error message would repeat whole. */
const LONG_TEXT = 100_000;

/**
 * Mutates JSON: changes values according to their type, and by other values that have the same name in this
 * document or in other seeds.
 *
 * @type {import('./bytes.mjs').Mutation}
 */
export function mutateJson(bytes, random, peers) {
  const root = tryTo(() => JSON.parse(new TextDecoder().decode(bytes)));
  if (root === undefined || random.chance(0.05)) {
    return (random.chance(0.5) ? mutateText : mutateBytes)(bytes, random, peers);
  }
  // If an earlier step made the document too deep to be read here, it is mutated as text.
  const text = tryTo(() => changeDocument({ root }, random, peers));
  if (text === undefined) return mutateText(bytes, random, peers);
  if (!text.includes(DEEP)) return utf8(text);
  const depth = random.pick(DEPTHS);
  const [open, close] = random.chance(0.5) ? ['[', ']'] : ['{"a":', '}'];
  return utf8(text.replace(`"${DEEP}"`, `${open.repeat(depth)}1${close.repeat(depth)}`));
}

/**
 * @param {{ root: unknown }} document
 * @param {import('../random.mjs').Random} random
 * @param {readonly Uint8Array[]} peers
 */
function changeDocument(document, random, peers) {
  const places = listPlaces(document);
  const place = random.pick(places);
  const donors = peers.length === 0 || random.chance(0.7) ? places : readPlaces(random.pick(peers));
  changeValue(place, places, donors, random);
  return JSON.stringify(document.root) ?? '';
}

/** @param {Uint8Array} bytes */
function readPlaces(bytes) {
  const root = tryTo(() => JSON.parse(new TextDecoder().decode(bytes)));
  return listPlaces({ root: root ?? null });
}

/**
 * All values of a document, including the whole.
 *
 * @param {{ root: unknown }} document
 */
function listPlaces(document) {
  /** @type {Place[]} */
  const places = [];
  /** @type {(Record<string, unknown> | unknown[])[]} */
  const open = [/** @type {Record<string, unknown>} */ (document)];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    const keys = Array.isArray(holder) ? holder.keys() : Object.keys(holder);
    for (const key of keys) {
      places.push({ holder, key });
      const value = valueAt({ holder, key });
      if (typeof value === 'object' && value !== null) open.push(/** @type {never} */ (value));
    }
  }
  return places;
}

/**
 * @param {Place} place
 * @returns {unknown}
 */
function valueAt({ holder, key }) {
  return /** @type {Record<string | number, unknown>} */ (holder)[key];
}

/**
 * @param {Place} place
 * @param {unknown} value
 */
function putAt({ holder, key }, value) {
  /** @type {Record<string | number, unknown>} */ (holder)[key] = value;
}

/**
 * @param {Place} place
 * @param {readonly Place[]} places
 * @param {readonly Place[]} donors
 * @param {import('../random.mjs').Random} random
 */
function changeValue(place, places, donors, random) {
  const value = valueAt(place);
  switch (random.below(8)) {
    case 0: {
      const same = donors.filter(({ key }) => key === place.key);
      return putAt(place, valueAt(random.pick(same.length > 0 ? same : donors)));
    }
    case 1:
      return putAt(place, structuredClone(valueAt(random.pick(places))));
    case 2:
      return removeOrRename(place, random);
    case 3:
      return putAt(place, otherType(value, random));
    default:
      return putAt(place, sameType(value, random));
  }
}

/**
 * @param {Place} place
 * @param {import('../random.mjs').Random} random
 */
function removeOrRename({ holder, key }, random) {
  const value = valueAt({ holder, key });
  if (Array.isArray(holder)) return void holder.splice(Number(key), 1);
  if (random.chance(0.6)) delete holder[key];
  if (random.chance(0.5)) {
    const name = mutateString(String(key), random);
    Object.defineProperty(holder, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

/**
 * @param {unknown} value
 * @param {import('../random.mjs').Random} random
 * @returns {unknown}
 */
function otherType(value, random) {
  return random.pick([
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    '',
    'text',
    [],
    {},
    [value],
    { value },
    [null],
    [[]],
    DEEP,
    String(value),
    [value, value],
    'x'.repeat(LONG_TEXT),
  ]);
}

/**
 * @param {unknown} value
 * @param {import('../random.mjs').Random} random
 * @returns {unknown}
 */
function sameType(value, random) {
  if (typeof value === 'number') {
    return random.pick([random.pick(NUMBERS), value + 1, value - 1, value * 2, -value, value / 2]);
  }
  if (typeof value === 'string') return mutateString(value, random);
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return mutateList(value, random);
  return value === null
    ? otherType(value, random)
    : mutateRecord(/** @type {object} */ (value), random);
}

/**
 * @param {readonly unknown[]} list
 * @param {import('../random.mjs').Random} random
 */
function mutateList(list, random) {
  if (list.length === 0) return [0];
  const one = random.below(list.length);
  switch (random.below(6)) {
    case 0:
      return list.toSpliced(one, 1);
    case 1:
      return list.toSpliced(one, 0, list[one] ?? 0);
    case 2:
      return list.toReversed();
    case 3:
      return list.flatMap((item, i) => (i === one ? repeat(item, random) : [item]));
    case 4:
      return [];
    default:
      return list.with(one, list[random.below(list.length)]);
  }
}

/**
 * Repeats an item, but only so often that the document stays small.
 *
 * @param {unknown} item
 * @param {import('../random.mjs').Random} random
 */
function repeat(item, random) {
  const length = JSON.stringify(item)?.length ?? 1;
  const times = Math.min(random.size(MAX_REPEATS), Math.ceil(200_000 / (1 + length)));
  return Array.from({ length: times }, () => item);
}

/**
 * @param {object} record
 * @param {import('../random.mjs').Random} random
 */
function mutateRecord(record, random) {
  const entries = Object.entries(record);
  const one = random.below(entries.length);
  const other = random.below(entries.length);
  if (entries.length === 0) return { a: 1 };
  const values = entries.map(([, value]) => value);
  [values[one], values[other]] = [values[other], values[one]];
  return Object.fromEntries(entries.map(([key], i) => [key, values[i]]));
}
