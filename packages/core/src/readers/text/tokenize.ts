import type { TextDescription } from '../../artifact/text-description.ts';
import { GradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';

/** A text as a model takes it. */
export interface TokenizedText {
  /** The words of the text as the model reads them, without those that are left out. */
  readonly words: readonly string[];
  /** The token of each word. */
  readonly tokens: readonly number[];
  /** The values of the model's input, [length]: the tokens with start, end and padding. */
  readonly input: Float32Array;
  /** One line for each thing that the model does not read as it was written. */
  readonly notes: readonly string[];
}

/**
 * Most characters of a text. A question of the longest input that is allowed has fewer, and the results name
 * the text in each line.
 */
const MAX_CHARACTERS = 10_000;

/** Most words that a message names. */
const NAMED = 5;

/**
 * Splits a text into its words: runs of letters, marks, digits and apostrophes in Unicode's composed form
 * (NFC). Everything else separates words, spaces as well as emoji and marks of direction.
 */
export function splitWords(text: string, { lower }: Pick<TextDescription, 'lower'>): string[] {
  const composed = text.normalize('NFC');
  return (lower ? composed.toLowerCase() : composed).match(/[\p{L}\p{M}\p{N}']+/gu) ?? [];
}

/**
 * Turns a question or a caption into tokens. A word outside the vocabulary becomes the unknown word where the
 * model has one. A question longer than the input is cut after the words that fit; a note says so.
 *
 * @throws GradcamError `argument` for a text without words, a text of more than 10,000 characters, and a
 *   caption that is longer than the model can say; `not-found` for a word outside the vocabulary of a model
 *   without an unknown word, with similar words.
 */
export function tokenize(text: string, description: TextDescription): TokenizedText {
  const { role, vocabulary, length, pad, start, end, unknown } = description;
  const shown = text.length > 60 ? `${text.slice(0, 60)}..` : text;
  if (text.length > MAX_CHARACTERS) {
    throw new GradcamError(
      'argument',
      `${role}: expected at most ${MAX_CHARACTERS} characters, found ${text.length}, which begin with '${shown}'; give a shorter one`,
    );
  }
  const written = splitWords(text, description);
  if (written.length === 0) {
    throw new GradcamError(
      'argument',
      `${role}: expected words, found none in '${shown}'; a word has letters or digits`,
    );
  }
  const room = roomFor(description);
  if (role === 'caption' && written.length > room) {
    throw new GradcamError(
      'argument',
      `caption: expected at most ${room} words, as the model writes no more, found ${written.length}; give a shorter one`,
    );
  }
  const kept = written.slice(0, room);
  const special = new Set([start, end]);
  const tokenOf = tokensOf(vocabulary);
  const known = (word: string): boolean => tokenOf.has(word) && !special.has(word);
  const strange = [...new Set(kept.filter((word) => !known(word)))];
  if (strange.length > 0 && unknown === undefined) {
    const near = nearestNames(strange[0]!, vocabulary.slice(1));
    throw new GradcamError(
      'not-found',
      `${role}: the model knows ${vocabulary.length - 1} words, and ${listWords(strange)} ${strange.length === 1 ? 'is' : 'are'} not among them${near.length === 0 ? '' : `; near: ${near.join(', ')}`}; use words that it knows`,
      { candidates: near },
    );
  }
  const words = kept.map((word) => (known(word) ? word : unknown!));
  const tokens = words.map((word) => tokenOf.get(word)!);
  const around = (word: string | undefined): number[] =>
    word === undefined ? [] : [tokenOf.get(word)!];
  const all = [...around(start), ...tokens, ...around(end)].slice(0, length);
  const input = new Float32Array(length);
  input.set(all, pad === 'post' ? 0 : length - all.length);
  const notes = [];
  if (strange.length > 0) {
    const isNoneKnown = !kept.some(known);
    notes.push(
      `the model reads ${listWords(strange)} as ${unknown}, since ${strange.length === 1 ? 'it is' : 'they are'} not among the ${vocabulary.length - 1} words that it knows${isNoneKnown ? `; it knows no word of this ${role}, so what it says does not follow from the ${role}` : ''}`,
    );
  }
  if (kept.length < written.length) {
    const left = written.length - kept.length;
    notes.push(
      `the model reads the first ${kept.length} of the question's ${written.length} words; ${left === 1 ? 'the last one is' : `the last ${left} are`} left out, from '${written[kept.length]!.slice(0, 60)}' on`,
    );
  }
  return { words, tokens, input, notes };
}

/** The tokens of the words of each vocabulary in use. A table asks thousands of questions about one. */
const tokenTables = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function tokensOf(vocabulary: readonly string[]): ReadonlyMap<string, number> {
  const known = tokenTables.get(vocabulary);
  if (known !== undefined) return known;
  const made = new Map(vocabulary.map((word, token) => [word, token]));
  tokenTables.set(vocabulary, made);
  return made;
}

/**
 * Words of a vocabulary that no text is ever split into, such as `?` or, where texts are lower-cased, `Dog`.
 * A model that was trained on texts with them reads other tokens here.
 */
export function listUnread({
  vocabulary,
  lower,
  start,
  end,
  unknown,
}: Pick<TextDescription, 'vocabulary' | 'lower' | 'start' | 'end' | 'unknown'>): string[] {
  const special = new Set(['', start, end, unknown]);
  return vocabulary.filter((word) => {
    if (special.has(word)) return false;
    const [first, ...others] = splitWords(word, { lower });
    return first !== word || others.length > 0;
  });
}

/**
 * How many words of a text fit. A caption's last word is chosen when the words before it are known, so it
 * need not be in the input: with the start word the input holds `length - 1` words, and the end follows.
 */
export function roomFor({
  role,
  length,
  start,
  end,
}: Pick<TextDescription, 'role' | 'length' | 'start' | 'end'>): number {
  if (role === 'caption') return length - 1;
  return Math.max(0, length - (start === undefined ? 0 : 1) - (end === undefined ? 0 : 1));
}

/** Some words in one line. */
export function listWords(words: readonly string[]): string {
  const some = words.slice(0, NAMED).map((word) => `'${word.slice(0, 60)}'`);
  const more = words.length - some.length;
  return `${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
