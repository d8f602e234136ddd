import type { TextDescription } from '../artifact/text-description.ts';
import { GradcamError } from '../base/errors.ts';
import type { WordScore } from '../run/result-text.ts';
import type { WriteOptions } from './write-options.ts';

/** A caption that a model has written. */
export interface WrittenCaption {
  /** Its words with spaces between. */
  readonly caption: string;
  readonly words: readonly WordScore[];
  /** Logarithm of the end's probability behind the words; absent where the model had no room for an end. */
  readonly end?: number;
  /** The sum over the words and the end: the logarithm of the caption's probability. */
  readonly logProbability: number;
  /** The other captions that were found, the best first. With one beam there is none. */
  readonly others: readonly { readonly caption: string; readonly logProbability: number }[];
}

/** Whether an option is a caption that a model has written, and not how it writes one. */
export function isWritten(option: WriteOptions | WrittenCaption): option is WrittenCaption {
  return 'words' in option && Array.isArray(option.words);
}

/**
 * The words of a caption that the model has written, and their tokens with the end's behind them where the
 * model had room for it.
 *
 * @throws GradcamError `argument` for a word that is not the model's, and for more words than it writes.
 */
export function readWritten(
  { words, end }: WrittenCaption,
  { vocabulary, length, end: last }: TextDescription,
): { readonly words: readonly string[]; readonly tokens: readonly number[] } {
  const own = words.map(({ word }) => word);
  const tokens = [...own, ...(end === undefined ? [] : [last!])].map((word) =>
    vocabulary.indexOf(word),
  );
  const stranger = own.find((_, place) => tokens[place] === -1);
  if (stranger === undefined && tokens.length <= length) return { words: own, tokens };
  const fault =
    stranger === undefined
      ? `${tokens.length} words and ends, of at most ${length}`
      : `the word '${stranger}', which the model does not know`;
  throw new GradcamError(
    'argument',
    `caption: expected what caption() of the same model returned, found ${fault}`,
  );
}
