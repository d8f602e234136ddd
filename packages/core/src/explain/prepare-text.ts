import type { NdArray } from '../base/nd-array.ts';
import type { TextDescription } from '../artifact/text-description.ts';
import { GradcamError } from '../base/errors.ts';
import { describeValue } from '../base/option-names.ts';
import type { ModelDescription } from '../model/description.ts';
import { tokenize } from '../readers/text/tokenize.ts';
import type { CaptionText } from '../run/result-text.ts';
import type { ScoredCaption } from '../targets/word-target.ts';
import type { ExplainOptions } from './options.ts';
import { requireCaptions } from './write-caption.ts';

/** The text of an explanation as the model takes it. */
export interface PreparedText {
  /** The question; absent for a caption. */
  readonly question?: string;
  /** The caption; absent for a question. */
  readonly caption?: ScoredCaption & Pick<CaptionText, 'by' | 'own'>;
  /** The values of the model's further inputs, those of its text included. */
  readonly inputs: Readonly<Record<string, NdArray>>;
  /** One line for each thing that the model does not read as it was written. */
  readonly notes: readonly string[];
}

type TextOptions = Pick<ExplainOptions, 'question' | 'caption' | 'inputs'>;

/**
 * Turns the question or the given caption of an explanation into values of the model's text input.
 *
 * @returns null where nothing is asked or said, and for a caption that the model has yet to write.
 * @throws GradcamError `argument` for a question to a model that reads none and a caption of a model that
 *   writes none, for a model that needs a text and has none, and for a text input whose values are given too;
 *   and as {@link tokenize}.
 */
export function prepareText(
  model: Pick<ModelDescription, 'id' | 'text'>,
  options: TextOptions,
): PreparedText | null {
  const { question, caption, inputs = {} } = options;
  if (question !== undefined && caption !== undefined) {
    throw new GradcamError('argument', 'question and caption: give one of the two');
  }
  if (question === undefined && caption === undefined) {
    refuseMissing(model, inputs);
    return null;
  }
  const text = question === undefined ? requireCaptions(model, 'caption') : requireQuestions(model);
  if (Object.hasOwn(inputs, text.input)) {
    throw new GradcamError(
      'argument',
      `${text.role}: the values of input ${text.input} are given too; give the ${text.role} or the values`,
    );
  }
  const said = question ?? caption;
  if (typeof said === 'object') return null;
  if (typeof said !== 'string') {
    throw new GradcamError('argument', `${text.role}: expected a text, got ${describeValue(said)}`);
  }
  const read = tokenize(said, text);
  const values = { ...inputs, [text.input]: { shape: [1, text.length], data: read.input } };
  if (question !== undefined) return { question, inputs: values, notes: read.notes };
  const { words, notes } = read;
  const tokens = [...read.tokens, text.vocabulary.indexOf(text.end!)];
  const { vocabulary } = text;
  return { caption: { words, tokens, vocabulary, by: 'user' }, inputs: values, notes };
}

/** The caption with these tokens behind the start, as the model takes it. */
export function prepareWritten(
  text: TextDescription,
  written: { readonly tokens: readonly number[]; readonly words: readonly string[] },
  inputs: NonNullable<ExplainOptions['inputs']>,
): PreparedText {
  const { vocabulary, length, start, input } = text;
  const data = new Float32Array(length);
  data.set([vocabulary.indexOf(start!), ...written.tokens].slice(0, length));
  const values = { ...inputs, [input]: { shape: [1, length], data } };
  return { caption: { ...written, vocabulary, by: 'model' }, inputs: values, notes: [] };
}

function requireQuestions({ id, text }: Pick<ModelDescription, 'id' | 'text'>): TextDescription {
  if (text?.role === 'question') return text;
  throw new GradcamError(
    'argument',
    text === undefined
      ? `question: model ${id} states no text that it reads; describe its input of words in the block text of gradcam.json beside the model`
      : `question: model ${id} writes captions and answers no questions; give a caption`,
  );
}

function refuseMissing(
  { id, text }: Pick<ModelDescription, 'id' | 'text'>,
  inputs: NonNullable<ExplainOptions['inputs']>,
): void {
  if (text === undefined || Object.hasOwn(inputs, text.input)) return;
  const next =
    text.role === 'question'
      ? 'answers questions about a picture: give one in the option question'
      : 'writes captions: give one in the option caption, or caption: {} for its own';
  throw new GradcamError(
    'argument',
    `model ${id} ${next}, or the values of input ${text.input} in the option inputs`,
  );
}
