import { logSoftmaxAt } from '../engines/port/probabilities.ts';
import { argMax } from '../base/nd-array.ts';
import { prepareInput, type PreparedInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import type { Model } from '../model/description.ts';
import type { Prediction } from '../run/result-line.ts';
import type { CaptionText, ResultText, WordScore } from '../run/result-text.ts';
import type { Explanation } from './explanation.ts';
import type { ExplainOptions } from './options.ts';
import { prepareText, prepareWritten, type PreparedText } from './prepare-text.ts';
import { requireCaptions, wordsOf, writeCaptions } from './write-caption.ts';
import { isWritten, readWritten } from './written-caption.ts';

/** A prepared text, and the image if it was prepared on the way. */
export interface TextOfImage {
  readonly text: PreparedText | null;
  readonly image: RgbImage | PreparedInput;
}

/**
 * The text of an explanation for one image: what was asked or said, or what the model itself writes about the
 * image.
 *
 * @throws as {@link prepareText} and `caption`.
 */
export async function findText(
  model: Model,
  image: RgbImage | PreparedInput,
  options: ExplainOptions,
): Promise<TextOfImage> {
  const given = prepareText(model, options);
  const { caption, ownCaption, inputs = {}, imageInput, signal } = options;
  const search = typeof caption === 'object' ? caption : ownCaption;
  if (search === undefined) return { text: given, image };
  const text = requireCaptions(model, 'caption');
  if (isWritten(search)) {
    if (given?.caption === undefined) {
      return { text: prepareWritten(text, readWritten(search, text), inputs), image };
    }
    const own = { caption: search.caption, logProbability: search.logProbability };
    return { text: { ...given, caption: { ...given.caption, own } }, image };
  }
  const prepared = 'values' in image ? image : prepareInput(image, model.input);
  const asked = { ...search, inputs, ...(imageInput && { imageInput }), ...(signal && { signal }) };
  const [best] = await writeCaptions(model.session, text, prepared.values, asked);
  const words = wordsOf(best!, text);
  if (given?.caption === undefined) {
    const written = prepareWritten(text, { words, tokens: best!.tokens }, inputs);
    return { text: written, image: prepared };
  }
  const own = { caption: words.join(' '), logProbability: best!.logProbability };
  return { text: { ...given, caption: { ...given.caption, own } }, image: prepared };
}

/**
 * What one pass says of the text: the answer to a question, or the score of each word of a caption with the
 * first explanation that is about it.
 */
export function describeText(
  { question, caption }: PreparedText,
  predictions: readonly Prediction[],
  logits: ArrayLike<number>,
  explanations: readonly Pick<Explanation, 'target'>[],
): ResultText {
  if (caption !== undefined) return scoreCaption(caption, logits, explanations);
  const [best] = predictions;
  if (best === undefined) return { question: question! };
  return { question: question!, answer: best.label ?? String(best.value ?? best.index) };
}

function scoreCaption(
  { words, tokens, vocabulary, by, own }: NonNullable<PreparedText['caption']>,
  logits: ArrayLike<number>,
  explanations: readonly Pick<Explanation, 'target'>[],
): CaptionText {
  const scored = tokens.map((token, place) => {
    const row = logSoftmaxAt(logits, place, vocabulary.length);
    const best = argMax(row);
    const instead: WordScore = { word: vocabulary[best]!, logProbability: row[best]! };
    return { logProbability: row[token]!, ...(best !== token && { instead }) };
  });
  const end = scored[words.length];
  return {
    caption: words.map((word, place) => {
      const explanation = explanations.findIndex(
        ({ target }) =>
          target.kind === 'word' && target.place === place + 1 && target.index === tokens[place],
      );
      return { word, ...scored[place]!, ...(explanation >= 0 && { explanation }) };
    }),
    by,
    ...(end && { end }),
    logProbability: scored.reduce((sum, { logProbability }) => sum + logProbability, 0),
    ...(own && { own }),
  };
}
