// @ts-check
import { concat, decodeUint, encodeUint, latin1 } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { fieldMutation } from '../mutate/fields.mjs';

/**
 * @typedef {'none' | 'line' | 'lines' | number | `text${number}`} Argument of an opcode: fixed
 * bytes, lines, or a counted text
 */

/**
 * All opcodes of protocols 0 to 5 and their arguments.
 * Spec: CPython Lib/pickletools.py.
 *
 * @type {ReadonlyMap<number, Argument>}
 */
const ARGUMENTS = new Map(
  /** @type {[number, Argument][]} */ ([
    ...list('(.012NQRabd}elo]st)u', 'none'),
    ...list('FILPSVgp', 'line'),
    ...list('ci', 'lines'),
    ...list('Khq\x80\x82', 1),
    ...list('M\x83', 2),
    ...list('Jjr\x84', 4),
    ...list('G\x95', 8),
    ...list('U\x8aC\x8c', 'text1'),
    ...list('TXB\x8b', 'text4'),
    ...list('\x8d\x8e\x96', 'text8'),
    ...list('\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98', 'none'),
  ]),
);
const CODES = [...ARGUMENTS.keys()];
const SINGLE = CODES.filter((code) => ARGUMENTS.get(code) === 'none');

/**
 * @param {string} codes
 * @param {Argument} argument
 * @returns {[number, Argument][]}
 */
function list(codes, argument) {
  return [...codes].map((code) => [code.charCodeAt(0), argument]);
}

/**
 * The layout of a program: opcodes as sections and their arguments as fields, up to the first byte that is
 * not an opcode.
 *
 * @param {Uint8Array} bytes
 * @param {number} [start]
 * @returns {import('../mutate/fields.mjs').Layout}
 */
export function dissectPickle(bytes, start = 0) {
  /** @type {import('../mutate/fields.mjs').Layout} */
  const layout = { fields: [], sections: [] };
  for (let at = start; at < bytes.length;) {
    const argument = ARGUMENTS.get(bytes[at]);
    if (argument === undefined) break;
    layout.fields.push({ at, size: 1, kind: 'big', choices: argument === 'none' ? SINGLE : CODES });
    const end = addArgument(bytes, at + 1, argument, layout.fields);
    layout.sections.push({ at, size: end - at });
    if (bytes[at] === 0x2e) break;
    at = end;
  }
  return layout;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {Argument} argument
 * @param {import('../mutate/fields.mjs').Field[]} fields
 * @returns {number} where the next opcode begins
 */
function addArgument(bytes, at, argument, fields) {
  if (argument === 'none') return at;
  if (typeof argument === 'number') {
    fields.push({ at, size: argument, kind: 'little' });
    return at + argument;
  }
  if (argument === 'line' || argument === 'lines') {
    const end = bytes.indexOf(0x0a, at);
    const stop = end < 0 ? bytes.length : end;
    fields.push({ at, size: stop - at, kind: 'text' });
    return argument === 'line' ? stop + 1 : addArgument(bytes, stop + 1, 'line', fields);
  }
  const size = Number(argument.slice(4));
  const length = Number(decodeUint(bytes, at, size, true));
  fields.push({ at, size, kind: 'little' });
  const start = at + size;
  const known = Math.min(length, Math.max(0, bytes.length - start));
  fields.push({ at: start, size: known, kind: known < 200 ? 'text' : 'bytes' });
  return start + known;
}

/** Inserts a few opcodes, or a whole random program, at a random place. */
/** @type {import('../mutate/bytes.mjs').Mutation} */
function insertProgram(bytes, random) {
  const { sections } = dissectPickle(bytes);
  const { at } = sections.length === 0 ? { at: 0 } : random.pick(sections);
  return concat(bytes.subarray(0, at), buildProgram(random, random.size(300)), bytes.subarray(at));
}

/**
 * Builds a program of random opcodes with arguments that fit them.
 *
 * @param {import('../random.mjs').Random} random
 * @param {number} count
 */
export function buildProgram(random, count) {
  const parts = Array.from({ length: count }, () => {
    const code = random.pick(CODES.filter((one) => one !== 0x2e));
    return concat(Uint8Array.of(code), buildArgument(ARGUMENTS.get(code) ?? 'none', random));
  });
  return concat(...parts);
}

const NAMES = [
  'numpy\nndarray',
  'numpy\ndtype',
  'numpy.core.multiarray\n_reconstruct',
  'numpy.core.multiarray\nscalar',
  '_codecs\nencode',
  'os\nsystem',
  'builtins\neval',
  'collections\nOrderedDict',
  'numpy._core.numeric\n_frombuffer',
];

/**
 * @param {Argument} argument
 * @param {import('../random.mjs').Random} random
 */
function buildArgument(argument, random) {
  if (argument === 'none') return new Uint8Array(0);
  if (typeof argument === 'number') {
    return encodeUint(random.chance(0.8) ? random.below(6) : random.next(), argument, true);
  }
  if (argument === 'lines') return latin1(`${random.pick(NAMES)}\n`);
  if (argument === 'line')
    return latin1(`${random.pick(["'a'", '1', '0', '1.5', '5L', "'\\x00'", 'x'])}\n`);
  const text = random.pick([
    '',
    'a',
    'weights',
    'f4',
    'latin1',
    'numpy',
    '\0\0\x80\x3f',
    'x'.repeat(200),
  ]);
  return concat(encodeUint(text.length, Number(argument.slice(4)), true), latin1(text));
}

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const pickleMutations = [
  fieldMutation((bytes) => dissectPickle(bytes)),
  fieldMutation((bytes) => dissectPickle(bytes)),
  insertProgram,
  mutateBytes,
];
