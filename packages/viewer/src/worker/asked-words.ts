import {
  prepareText,
  type ExplainOptions,
  type Model,
  type WriteOptions,
  type WrittenCaption,
} from '@gradcam/core';
import type { AskedWords } from './protocol.ts';

/**
 * What core is asked to explain besides the picture: the question, the reader's sentence with the model's own
 * for comparison, or the caption that the model writes.
 *
 * @param own the model's own caption of the picture, or how it writes one.
 */
export function describeAsked(
  { text }: Pick<Model, 'text'>,
  { question, say }: AskedWords,
  own: WrittenCaption | WriteOptions = {},
): Pick<ExplainOptions, 'question' | 'caption' | 'ownCaption'> {
  if (text === undefined) return {};
  if (text.role === 'question') return { question };
  return say === '' ? { caption: own } : { caption: say, ownCaption: own };
}

/** One line for each thing that the model does not read as the reader wrote it. */
export function noteAsked(model: Pick<Model, 'id' | 'text'>, asked: AskedWords): readonly string[] {
  return model.text === undefined
    ? []
    : (prepareText(model, describeAsked(model, asked))?.notes ?? []);
}
