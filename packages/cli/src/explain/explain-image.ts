import { explain, type ExplainOptions, type Model, type ResultLine } from '@gradcam/core';
import { decodeImage } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { saveSweeps } from '../sweep/save-sweeps.ts';
import { nameImageFolder } from './file-names.ts';
import type { RunDirectory } from './run-directory.ts';
import type { SaveSettings } from './picture-settings.ts';
import { saveExplanation } from './save-explanation.ts';

/** Explains one image file, writes its files, and returns its line, which is not written yet. */
export async function explainImage(
  file: string,
  model: Model,
  options: ExplainOptions,
  settings: SaveSettings,
  run: RunDirectory,
): Promise<ResultLine> {
  const start = performance.now();
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError(exitCodes.noInput, `${file}: cannot be read (${cause.code})`, { cause });
  });
  const image = await decodeImage(bytes, file);
  const { predictions, explanations, geometry } = await explain(model, image, options);
  const folder = `images/${nameImageFolder(file)}`;
  const lines = [];
  const seen = new Set<string>();
  const taken = new Set<string>();
  for (const explanation of explanations) {
    // `top1` and the class it came to are one explanation, however often they were asked for.
    const { method, layer, target } = explanation;
    const key = JSON.stringify([method, layer, target]);
    if (seen.has(key)) continue;
    seen.add(key);
    lines.push(await saveExplanation(explanation, image, geometry, folder, settings, run, taken));
  }
  const sweeps = settings.sweep
    ? await saveSweeps(model, image, options, folder, settings, run)
    : null;
  return {
    image: file,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    width: image.width,
    height: image.height,
    predictions,
    explanations: lines,
    ...(sweeps === null ? {} : { sweeps }),
    ms: Math.round(performance.now() - start),
  };
}
