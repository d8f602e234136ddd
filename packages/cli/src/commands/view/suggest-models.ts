import { readRunJson } from '@gradcam/runs';
import path from 'node:path';
import { isModelFolder } from '../../models/model-folders.ts';
import { quoteForShell } from '../../terminal/quote-for-shell.ts';
import type { ServedModel } from './served-models.ts';

/**
 * How to explain live with a run's own model, where it is not among the models that are served. It
 * is not served unasked: a run says which folder its model was in, and may come from somebody else.
 *
 * @param run folder of the run.
 * @returns null where there is nothing to suggest.
 */
export async function suggestModels(
  run: string,
  served: readonly ServedModel[],
): Promise<string | null> {
  const folder = await readModelFolder(run);
  if (folder === null || served.some(({ id }) => id === path.basename(folder))) return null;
  if (!isModelFolder(folder)) return null;
  return `to explain live with the run's own model, add: --models ${quoteForShell(path.dirname(folder))}`;
}

/** A damaged run is the page's to tell of. */
async function readModelFolder(run: string): Promise<string | null> {
  try {
    const { model } = await readRunJson(run);
    return path.resolve(model.path);
  } catch {
    return null;
  }
}
