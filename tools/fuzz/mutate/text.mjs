// @ts-check
import { latin1, toLatin1, utf8, concat } from '../bytes.mjs';
import { damageBytes } from './bytes.mjs';
import { NUMBERS } from './integers.mjs';

/** Texts that have a meaning somewhere: ends, quotes, paths out of a folder, other encodings. */
const WORDS = [
  '',
  ' ',
  '\0',
  '\n',
  '\r',
  '\r\n',
  '\t',
  '"',
  "'",
  '`',
  '\\',
  '/',
  '..',
  '../',
  '../../../../etc/passwd',
  '%2e%2e%2f',
  '%00',
  '%',
  '%s',
  '${x}',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  ',',
  ';',
  ':',
  '=',
  '#',
  '-',
  '--',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'true',
  'None',
  'NaN',
  'Infinity',
  '-Infinity',
  '-1',
  '1e999',
  '0x10',
  '1_000',
  '9'.repeat(40),
  '\x1b[2J',
  '\x7f',
  'a'.repeat(300),
  'a'.repeat(5000),
  'http://127.0.0.1/',
  'file:///etc/passwd',
  'C:\\',
  'NUL',
].map(latin1);

/** Byte order marks, separators, right-to-left marks, an emoji, broken UTF-8. */
const ENCODINGS = [
  utf8('\ufeff'),
  utf8('\u2028'),
  utf8('\u202e'),
  utf8('🐈'),
  utf8('é'),
  utf8('ß'),
  utf8('İ'),
  Uint8Array.of(0xff),
  Uint8Array.of(0xc3),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xff, 0xfe),
  Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
];

const TOKENS = /\d+|[A-Za-z_]+|\s+|./gs;
const MAX_REPEATS = 400;

/**
 * Mutates text by its tokens and lines: numbers, words, quotes, encodings.
 *
 * @type {import('./bytes.mjs').Mutation}
 */
export function mutateText(bytes, random, peers) {
  if (random.chance(0.1)) return damageBytes(bytes, random, peers);
  const text = toLatin1(bytes);
  const parts = random.chance(0.3) ? text.split(/(?<=\n)/) : (text.match(TOKENS) ?? []);
  if (parts.length === 0) return random.pick(WORDS);
  const one = random.below(parts.length);
  const other = random.below(parts.length);
  switch (random.below(7)) {
    case 0:
      parts[one] = replaceToken(parts[one], random);
      break;
    case 1:
      parts.splice(one, random.size(4));
      break;
    case 2:
      parts[one] = parts[one].repeat(
        Math.min(random.size(MAX_REPEATS), 1 + 100_000 / (1 + parts[one].length)),
      );
      break;
    case 3:
      [parts[one], parts[other]] = [parts[other], parts[one]];
      break;
    case 4:
      parts.splice(one, 0, toLatin1(random.pick(random.chance(0.6) ? WORDS : ENCODINGS)));
      break;
    case 5: {
      const peer = peers.length === 0 ? bytes : random.pick(peers);
      return concat(
        latin1(parts.slice(0, one).join('')),
        peer.subarray(random.below(peer.length + 1)),
      );
    }
    default:
      parts[one] = toLatin1(random.pick(random.chance(0.6) ? WORDS : ENCODINGS));
  }
  return latin1(parts.join(''));
}

/**
 * @param {string} token
 * @param {import('../random.mjs').Random} random
 */
function replaceToken(token, random) {
  if (/^\d+$/.test(token)) return String(random.pick(NUMBERS));
  return random.chance(0.5) ? token.toUpperCase() : token.slice(0, random.below(token.length));
}

/**
 * Mutates a JavaScript string, for values of JSON.
 *
 * @param {string} text
 * @param {import('../random.mjs').Random} random
 */
export function mutateString(text, random) {
  const bytes = mutateText(utf8(text), random, []);
  return new TextDecoder().decode(bytes);
}
