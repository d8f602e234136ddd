import { GradcamError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest-names.ts';
import type { TextDescription } from '../artifact/text-description.ts';
import type { AimedTarget } from './aimed-target.ts';

/** A caption as the scores of its words stand in the model's output [length, vocabulary]. */
export interface ScoredCaption {
  /** The words, without the end. */
  readonly words: readonly string[];
  /** The token of each word, and behind them the end's where the caption has one. */
  readonly tokens: readonly number[];
  /** All words that the model knows, by their tokens. */
  readonly vocabulary: readonly string[];
  /** Whether the model wrote the caption: another image has another one. */
  readonly by?: 'model' | 'user';
}

/** A target that is a word at its place in a caption, or a whole caption. */
export type WordTargetSpec =
  | {
      readonly kind: 'word';
      /** From 1. */
      readonly place: number;
      readonly token: number;
      readonly word: string;
      /** Index of its score among all scores of the output. */
      readonly at: number;
    }
  | { readonly kind: 'sentence'; readonly sentence: string; readonly at: readonly number[] };

/**
 * Reads a target of a caption:
 *
 * - `words`: each word at its place. `word:<n>` is the n-th, from 1, and `word:end` the end behind the last.
 *   `word:<n>:<other>` asks for another word at that place, after the same words. A word alone means each of
 *   its places in the caption.
 * - `sentence`: all words and the end together. Its score is the sum of their log-probabilities.
 * - `top1`, the default: `words` and `sentence`.
 *
 * @returns null for targets that name numbers of the output, such as `element:<i,j>`.
 * @throws GradcamError `argument` for a place that the caption does not have; `not-found` for a word that is
 *   not in it or that the model does not know, with similar words. What a caption that the model wrote lacks
 *   is a fault of this image, of the kind `image`.
 */
export function parseWordTarget(text: string, caption: ScoredCaption): WordTargetSpec[] | null {
  const { words, tokens, vocabulary } = caption;
  const isOwn = caption.by === 'model';
  const trimmed = text.trim();
  if (/^(element|similar):/i.test(trimmed)) return null;
  const wordAt = (place: number, token = tokens[place]!): WordTargetSpec => ({
    ...{ kind: 'word', place: place + 1, token, word: vocabulary[token]! },
    at: place * vocabulary.length + token,
  });
  const all = words.map((_, place) => wordAt(place));
  if (/^words$/i.test(trimmed)) return all;
  if (/^sentence$/i.test(trimmed)) return [wholeOf(caption)];
  if (/^top1$/i.test(trimmed)) return [...all, wholeOf(caption)];
  const [, number, other] = /^word:\s*(\d+|end)\s*(?::(.*))?$/i.exec(trimmed) ?? [];
  if (number !== undefined) {
    const place = /^end$/i.test(number) ? words.length : Number(number) - 1;
    const places = Math.max(words.length, tokens.length);
    if (place < 0 || place >= places) {
      throw new GradcamError(
        isOwn ? 'image' : 'argument',
        `target ${trimmed}: the caption '${words.join(' ')}' has ${words.length} words${places > words.length ? ' and an end' : ' and no end'}; give word:1 to word:${words.length}`,
      );
    }
    return [
      other === undefined ? wordAt(place) : wordAt(place, findToken(trimmed, other, vocabulary)),
    ];
  }
  const own = new Set([trimmed, trimmed.toLowerCase()]);
  const found = all.filter((spec) => spec.kind === 'word' && own.has(spec.word));
  if (found.length > 0) return found;
  const candidates = nearestNames(trimmed, words);
  throw new GradcamError(
    isOwn ? 'image' : 'not-found',
    `target ${trimmed}: the caption '${words.join(' ')}' has no such word; give words, word:<n>, word:<n>:<other>, sentence, or one of its words`,
    { candidates },
  );
}

/**
 * Refuses a target that no caption of a model can have, before the model has written one.
 *
 * @throws GradcamError `argument` for a place behind the longest caption; `not-found` for a word that the
 *   model does not know, and for another form than those of {@link parseWordTarget}.
 */
export function checkWordTarget(
  target: string,
  { vocabulary, length }: Pick<TextDescription, 'vocabulary' | 'length'>,
): void {
  const trimmed = target.trim();
  if (/^(words|sentence|top1|(element|similar):.*)$/is.test(trimmed)) return;
  const [, number, other] = /^word:\s*(\d+|end)\s*(?::(.*))?$/i.exec(trimmed) ?? [];
  if (number === undefined) {
    if (!/^word:/i.test(trimmed)) return void findToken(trimmed, trimmed, vocabulary);
    throw new GradcamError(
      'not-found',
      `target ${trimmed}: expected word:<n>, word:end or word:<n>:<other>; the first word is word:1`,
    );
  }
  if (other !== undefined) findToken(trimmed, other, vocabulary);
  if (/^end$/i.test(number) || (Number(number) >= 1 && Number(number) <= length)) return;
  throw new GradcamError(
    'argument',
    `target ${trimmed}: the model writes at most ${length} words; give word:1 to word:${length}`,
  );
}

function findToken(target: string, given: string, vocabulary: readonly string[]): number {
  const word = given.trim();
  const token = vocabulary.findIndex(
    (one, i) => i > 0 && (one === word || one === word.toLowerCase()),
  );
  if (token > 0) return token;
  const candidates = nearestNames(word, vocabulary.slice(1));
  throw new GradcamError(
    'not-found',
    `target ${target}: the model does not know the word '${word}'${candidates.length === 0 ? '' : `; near: ${candidates.join(', ')}`}`,
    { candidates },
  );
}

function wholeOf({ words, tokens, vocabulary }: ScoredCaption): WordTargetSpec {
  const at = tokens.map((token, place) => place * vocabulary.length + token);
  return { kind: 'sentence', sentence: words.join(' '), at };
}

/**
 * Aims at log-probabilities, as the paper does for captions (Selvaraju et al. 2017, section 7.1). The
 * log-probability of a sentence is the sum over its words, so its gradient is the sum of theirs, which one
 * backward pass gives.
 */
export function aimAtWords(spec: WordTargetSpec): AimedTarget {
  if (spec.kind === 'sentence') {
    return {
      seed: { score: 'logProbability', of: { sum: spec.at } },
      classOf: () => -1,
      probabilityOf: () => undefined,
    };
  }
  return {
    seed: { score: 'logProbability', of: { class: spec.at } },
    classOf: () => spec.token,
    probabilityOf: (probabilities) => probabilities[spec.at],
  };
}
