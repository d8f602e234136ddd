import { batchItem, type NdArray } from '../base/nd-array.ts';
import type { Session } from '../engines/port/engine.ts';
import { prepareInput, type PreparedInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import type { Model } from '../model/model.ts';
import { mainHead } from '../network/network.ts';
import { checkEmbeds, type SimilarTarget } from '../targets/similar-target.ts';
import type { TargetChoice } from '../targets/target.ts';
import { checkImage } from './check-options.ts';
import { checkImageShape } from './check-image-shape.ts';
import { viewSession, type ViewOptions } from './view-session.ts';

/** Options of {@link embedImage}. */
export type EmbedOptions = ViewOptions & { readonly signal?: AbortSignal };

/**
 * Computes the model's output for an image as one list of numbers. A target `similar` compares images with
 * it, so that the reference is embedded only once for many images.
 *
 * @returns the numbers before a last softmax or sigmoid, as explanations use them.
 * @throws GradcamError `argument` for an image that is not decoded, and for an output that is a single
 *   number; `not-found` and `unsupported` for inputs and outputs, as `explain` does.
 */
export async function embedImage(
  model: Model,
  image: RgbImage | PreparedInput,
  options: EmbedOptions = {},
): Promise<Float32Array> {
  checkImage(image);
  const view = viewSession(model.session, options);
  try {
    checkEmbeds('it', mainHead(view.session.network));
    return await embed(view.session, image, model, options.signal);
  } finally {
    view.release();
  }
}

async function embed(
  session: Session,
  image: RgbImage | PreparedInput,
  { input }: Pick<Model, 'input'>,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const { values } = 'values' in image ? image : prepareInput(image, input);
  checkImageShape(session.network, values);
  return (await runForScores(session, values, [], signal)).scores;
}

/** Embeds the reference images of targets `similar`; other targets stay as they are. */
export async function embedReferences(
  targets: readonly TargetChoice[],
  session: Session,
  model: Pick<Model, 'input'>,
  signal: AbortSignal | undefined,
): Promise<TargetChoice[]> {
  const embedded: TargetChoice[] = [];
  for (const target of targets) {
    if (typeof target !== 'object' || !('kind' in target) || 'embedding' in target) {
      embedded.push(target);
      continue;
    }
    const { name, image }: Extract<SimilarTarget, { image: unknown }> = target;
    checkEmbeds(name ?? 'the reference', mainHead(session.network));
    const embedding = await embed(session, image, model, signal);
    embedded.push({ kind: 'similar', name, embedding });
  }
  return embedded;
}

/** Runs one forward pass over one image and returns its scores and the values of the given nodes. */
export async function runForScores(
  session: Session,
  values: NdArray,
  nodes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ scores: Float32Array; valueOf: (node: string) => Float32Array }> {
  signal?.throwIfAborted();
  const [input] = session.network.inputs as [string];
  const { logits, outputs } = await session.run({ inputs: { [input]: values }, outputs: nodes });
  signal?.throwIfAborted();
  return {
    scores: batchItem(logits, 0).data,
    valueOf: (node) => batchItem(outputs.get(node)!, 0).data,
  };
}
