import * as tf from '@tensorflow/tfjs-core';
import { openModelUrl, readImageBlob } from '../../../src/browser/index.ts';
import { explain } from '../../../src/explain/explain.ts';
import type { ExplainOptions } from '../../../src/explain/options.ts';
import { compositeOnWhite } from '../../../src/image/prepare-input.ts';
import { loadModel } from '../../../src/model/model.ts';
import { createEngine, engineNames } from './engines.ts';

/** An image file as the page decodes it, alpha laid over white as every model gets it. */
export async function decodeImageUrl(url: string): Promise<{
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly number[];
  readonly notes: readonly string[];
}> {
  const decoded = await fetchImage(url);
  const { width, height, data } = compositeOnWhite(decoded);
  return { width, height, pixels: [...data], notes: decoded.notes };
}

/** From the model's URL and the image's to raw maps: all that a page does. */
export async function explainUrl(
  modelUrl: string,
  imageUrl: string,
  options: ExplainOptions,
): Promise<{
  readonly predictions: readonly { readonly index: number; readonly logit: number }[];
  readonly maps: readonly { readonly name: string; readonly data: readonly number[] }[];
  readonly tensorsLeft: number;
}> {
  const engine = await createEngine(engineNames[0]!);
  const before = tf.memory().numTensors;
  const model = await loadModel(openModelUrl(modelUrl), { engine });
  const { predictions, explanations } = await explain(model, await fetchImage(imageUrl), options);
  model.dispose();
  return {
    predictions: predictions.map(({ index, logit }) => ({ index, logit })),
    maps: explanations.map(({ method, target, raw }) => ({
      name: `${method} of ${target.label}`,
      data: [...raw.data],
    })),
    tensorsLeft: tf.memory().numTensors - before,
  };
}

async function fetchImage(url: string): ReturnType<typeof readImageBlob> {
  return readImageBlob(await (await fetch(url)).blob(), url);
}
