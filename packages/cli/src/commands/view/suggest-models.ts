import { readRunJson } from '@gradcam/runs';
import path from 'node:path';
import { isModelPlace } from '../../models/model-folders.ts';
import { quoteForShell } from '../../terminal/quote-for-shell.ts';
import type { ServedModel } from './served-models.ts';

/**
 * A message that says how to explain live with the model that the run used, if that model is not among those
 * that are served. The model is not served without being asked for: the run names the folder of its model,
 * and the run may come from somebody else.
 *
 * @param run folder of the run.
 * @returns null if there is nothing to suggest.
 */
export async function suggestModels(
  run: string,
  served: readonly ServedModel[],
): Promise<string | null> {
  const place = await readModelPlace(run);
  if (place === null) return null;
  const folder = /\.onnx$/i.test(place) ? path.dirname(place) : place;
  if (served.some(({ id }) => id === path.basename(folder)) || !isModelPlace(place)) return null;
  return `to explain live with the run's own model, add: --models ${quoteForShell(path.dirname(folder))}`;
}

/** The folder or ONNX file of the run's model; null for a damaged run, which the page reports itself. */
async function readModelPlace(run: string): Promise<string | null> {
  try {
    const { model } = await readRunJson(run);
    return path.resolve(model.path);
  } catch {
    return null;
  }
}
