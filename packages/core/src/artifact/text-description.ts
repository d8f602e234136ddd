import { GradcamError } from '../base/errors.ts';

/** What a model's text is: a question that it answers, or the words of a caption so far. */
export const textRoles = ['question', 'caption'] as const;

/** On which side of the words the padding stands. */
export const paddingSides = ['pre', 'post'] as const;

/**
 * How a text becomes numbers for a model, as the block `text` of a model's description states it. The token
 * of a word is its index in the vocabulary.
 */
export interface TextDescription {
  /** Name of the model's input that takes the tokens, [length]. */
  readonly input: string;
  /** The words by their tokens. Token 0 is the padding, and its word is the empty string. */
  readonly vocabulary: readonly string[];
  /** Number of tokens that the input takes. */
  readonly length: number;
  readonly pad: (typeof paddingSides)[number];
  /** Whether texts are lower-cased before their words are looked up. */
  readonly lower: boolean;
  /** The word of the vocabulary that stands before a text. A caption must have one. */
  readonly start?: string;
  /** The word that stands behind a text. A caption must have one: the model says it when it is done. */
  readonly end?: string;
  /** The word that stands for each word outside the vocabulary. Without it such a word is an error. */
  readonly unknown?: string;
  readonly role: (typeof textRoles)[number];
}

/** The block as a file holds it: the vocabulary may be the name of a file beside the model. */
export interface StatedText extends Omit<TextDescription, 'vocabulary'> {
  readonly vocabulary: readonly string[] | string;
}

/** Most tokens of a text, more than any recurrent net unrolls. */
const MAX_LENGTH = 4096;

/** Most words of a vocabulary. The largest published ones have some hundred thousand. */
const MAX_WORDS = 1_000_000;

const FIELDS = ['input', 'vocabulary', 'length', 'pad', 'lower', 'start', 'end', 'unknown', 'role'];

const NO_VOCABULARY = 'a list of words, or the name of a file beside the model';

type Json = Readonly<Record<string, unknown>>;

/**
 * Checks the block `text` and returns it typed. Its vocabulary is checked too, unless it is in a file.
 *
 * @param where how errors name the block.
 * @throws GradcamError `model` naming the first wrong field, what was expected and what was found.
 */
export function checkText(value: unknown, where: string): StatedText {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(where, 'an object', value);
  }
  const block = value as Json;
  const other = Object.keys(block).find((name) => !FIELDS.includes(name));
  if (other !== undefined) fail(where, `fields ${FIELDS.join(', ')}`, other);
  const text = (name: string): string => {
    const found = block[name];
    if (typeof found === 'string' && found !== '') return found;
    return fail(`${where}.${name}`, 'a string that is not empty', found);
  };
  text('input');
  for (const name of ['start', 'end', 'unknown']) if (block[name] !== undefined) text(name);
  const { length, lower, role, pad, start, end } = block;
  if (!Number.isInteger(length) || (length as number) < 1 || (length as number) > MAX_LENGTH) {
    fail(`${where}.length`, `a whole number from 1 to ${MAX_LENGTH}`, length);
  }
  oneOf(pad, paddingSides, `${where}.pad`);
  oneOf(role, textRoles, `${where}.role`);
  if (typeof lower !== 'boolean') fail(`${where}.lower`, 'true or false', lower);
  if (start !== undefined && start === end) {
    fail(`${where}.end`, 'another word than start', end);
  }
  const { unknown } = block;
  if (unknown !== undefined && (unknown === start || unknown === end)) {
    fail(`${where}.unknown`, 'another word than start and end', unknown);
  }
  if (role === 'caption') checkCaption(block, where);
  if (typeof block['vocabulary'] === 'string') {
    if (!isFileBeside(block['vocabulary'])) {
      fail(`${where}.vocabulary`, NO_VOCABULARY, block['vocabulary']);
    }
  } else {
    checkVocabulary(block['vocabulary'], block, `${where}.vocabulary`);
  }
  return value as StatedText;
}

/** The words before a place are known when the word there is chosen, so a caption is read from its start. */
function checkCaption({ start, end, pad }: Json, where: string): void {
  if (start === undefined) fail(`${where}.start`, 'the word that stands before a caption', start);
  if (end === undefined) fail(`${where}.end`, 'the word with which a caption ends', end);
  if (pad !== 'post') fail(`${where}.pad`, "post, since a caption's words come first", pad);
}

/** Whether a text is the name of a file beside the model, which leads nowhere else. */
export function isFileBeside(name: string): boolean {
  return /^[^/\\:\p{Cc}]{1,255}$/u.test(name) && name !== '.' && name !== '..';
}

/**
 * Checks a list of words.
 *
 * @param special the block, whose `start`, `end` and `unknown` must be in the list.
 * @throws GradcamError `model` naming the first wrong word.
 */
export function checkVocabulary(
  value: unknown,
  special: Readonly<Partial<Record<'start' | 'end' | 'unknown', unknown>>>,
  where: string,
): readonly string[] {
  if (!Array.isArray(value)) {
    return fail(where, NO_VOCABULARY, value);
  }
  if (value.length < 2 || value.length > MAX_WORDS) {
    fail(where, `2 to ${MAX_WORDS} words`, value.length);
  }
  const places = new Map<string, number>();
  for (const [token, word] of (value as unknown[]).entries()) {
    if (typeof word !== 'string') return fail(`${where}[${token}]`, 'a word', word);
    if (token === 0 && word !== '') {
      fail(`${where}[0]`, 'the empty string, since token 0 is the padding', word);
    }
    if (token > 0 && word === '') fail(`${where}[${token}]`, 'a word', word);
    const before = places.get(word);
    if (before !== undefined) {
      fail(`${where}[${token}]`, `a word that is not at ${before} already`, word);
    }
    places.set(word, token);
  }
  for (const name of ['start', 'end', 'unknown'] as const) {
    const word = special[name];
    if (word === undefined || places.has(word as string)) continue;
    throw new GradcamError(
      'model',
      `${where}: expected the word ${JSON.stringify(word)}, which ${name} states, found ${value.length} other words`,
    );
  }
  return value as readonly string[];
}

function oneOf(value: unknown, choices: readonly string[], where: string): void {
  if (!choices.includes(value as string)) fail(where, choices.join(' or '), value);
}

/** Characters of a wrong value that an error shows. */
const SHOWN = 60;

function fail(where: string, expected: string, found: unknown): never {
  const text = JSON.stringify(found) ?? 'nothing';
  const short = text.length > SHOWN ? `${text.slice(0, SHOWN)}..` : text;
  throw new GradcamError('model', `${where}: expected ${expected}, found ${short}`);
}
