import type { TextDescription } from '../artifact/text-description.ts';
import { batchItem, type NdArray } from '../base/nd-array.ts';
import { GradcamError } from '../base/errors.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Session } from '../engines/port/engine.ts';
import { logSoftmaxAt } from '../engines/port/probabilities.ts';
import { prepareInput, type PreparedInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { repeatItem } from '../methods/passes/batched-runs.ts';
import type { Model } from '../model/description.ts';
import { chooseImageInput } from '../network/select-input.ts';
import { checkImage } from './check-options.ts';
import { findImagePart } from './image-part.ts';
import { searchWords, type Utterance } from './search-words.ts';
import type { ViewOptions } from './view-session.ts';
import { checkBeams, type WriteOptions } from './write-options.ts';
import type { WrittenCaption } from './written-caption.ts';

/** Options of {@link caption}. */
export interface CaptionOptions extends WriteOptions, Pick<ViewOptions, 'inputs' | 'imageInput'> {
  /** Aborts between two passes of the engine. */
  readonly signal?: AbortSignal;
}

/**
 * Lets a model describe a picture: it writes word after word, each after those before it, until it says its
 * end. The part of the model that sees the picture runs once.
 *
 * @param image the image, or the result of `prepareInput`.
 * @throws GradcamError `argument` for a model that writes no captions, an image that is not decoded, and
 *   beams outside 1..64; the errors of `explain` for inputs.
 * @throws DOMException `AbortError` (the signal's reason) when aborted.
 */
export async function caption(
  model: Model,
  image: RgbImage | PreparedInput,
  options: CaptionOptions = {},
): Promise<WrittenCaption> {
  checkOptionNames('caption', options, ['beams', 'inputs', 'imageInput', 'signal']);
  checkImage(image);
  const { values } = 'values' in image ? image : prepareInput(image, model.input);
  const text = requireCaptions(model, 'caption');
  const found = await writeCaptions(model.session, text, values, options);
  return describeWritten(found, text);
}

/**
 * The block of a model that writes captions.
 *
 * @throws GradcamError `argument` for any other model.
 */
export function requireCaptions(
  { id, text }: Pick<Model, 'id' | 'text'>,
  where: string,
): TextDescription {
  if (text?.role === 'caption') return text;
  throw new GradcamError(
    'argument',
    text === undefined
      ? `${where}: model ${id} states no text that it writes; describe its input of words in the block text of gradcam.json beside the model`
      : `${where}: model ${id} answers questions and writes no captions; ask it one`,
  );
}

/**
 * The captions that a model writes about a prepared picture, the best first.
 *
 * @param values [1, height, width, channels]
 */
export async function writeCaptions(
  session: Session,
  text: TextDescription,
  values: NdArray,
  { inputs = {}, imageInput, signal, ...options }: CaptionOptions,
): Promise<readonly Utterance[]> {
  const beams = checkBeams(options);
  const { network } = session;
  const { vocabulary, length } = text;
  const given = [...Object.keys(inputs), text.input];
  const image = chooseImageInput(network, { given, imageInput });
  const part = findImagePart(network, image);
  let seen: NdArray | null = null;
  const next = async (texts: readonly (readonly number[])[]): Promise<Float64Array[]> => {
    signal?.throwIfAborted();
    const count = texts.length;
    const told = Object.fromEntries(
      Object.entries(inputs).map(([name, item]) => [name, repeatItem(item, count)]),
    );
    told[text.input] = stack(texts, length);
    const start =
      seen === null || part === null
        ? { inputs: { ...told, [image]: repeatItem(values, count) } }
        : { inputs: told, from: { layer: part, value: repeatItem(seen, count) } };
    const outputs = seen === null && part !== null ? [part] : [];
    const result = await session.run({ ...start, outputs });
    // The first pass is about one text.
    if (outputs.length > 0) seen = result.outputs.get(part!)!;
    return texts.map(({ length: words }, item) =>
      logSoftmaxAt(batchItem(result.logits, item).data, words - 1, vocabulary.length),
    );
  };
  const [start, end] = [vocabulary.indexOf(text.start!), vocabulary.indexOf(text.end!)];
  const never = new Set([0, start]);
  return searchWords({ next, beams, length, start, end, never });
}

/** Texts as values of the input, [texts, length], padded behind their words. */
function stack(texts: readonly (readonly number[])[], length: number): NdArray {
  const data = new Float32Array(texts.length * length);
  texts.forEach((tokens, item) => data.set(tokens.slice(0, length), item * length));
  return { shape: [texts.length, length], data };
}

/** The words of a text without its end. */
export function wordsOf({ tokens, isEnded }: Utterance, text: TextDescription): string[] {
  const words = isEnded ? tokens.slice(0, -1) : tokens;
  return words.map((token) => text.vocabulary[token]!);
}

function describeWritten(
  [best, ...others]: readonly Utterance[],
  text: TextDescription,
): WrittenCaption {
  const { logProbabilities, logProbability, isEnded } = best!;
  const words = wordsOf(best!, text);
  return {
    caption: words.join(' '),
    words: words.map((word, place) => ({ word, logProbability: logProbabilities[place]! })),
    ...(isEnded && { end: logProbabilities.at(-1)! }),
    logProbability,
    others: others.map((one) => ({
      caption: wordsOf(one, text).join(' '),
      logProbability: one.logProbability,
    })),
  };
}
