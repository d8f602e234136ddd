import type { ExplainOptions, ImageExplanation, ModelDescription, ResultLine } from '@gradcam/core';
import type { GroundTruth, TrueClass } from '../../inputs/truth.ts';
import { saveSweeps } from '../sweep/save-sweeps.ts';
import type { Explainer, RunProgress } from './explainer.ts';
import type { ImageNames } from './image-names.ts';
import type { ImageReader, ReadImage } from './read-image.ts';
import type { RunDirectory } from '../files/run-directory.ts';
import type { SaveSettings } from '../paint/picture-settings.ts';
import { saveExplanation } from '../paint/save-explanation.ts';

/** What every image of a run is explained with. */
export interface ImageRequest {
  readonly model: Pick<ModelDescription, 'network'>;
  readonly thread: Explainer;
  readonly read: ImageReader;
  readonly options: ExplainOptions;
  readonly save: SaveSettings;
  readonly directory: RunDirectory;
  readonly names: ImageNames;
  /** With ground truth and no targets asked for, the true class is explained where it is not the top. */
  readonly truth: GroundTruth | null;
  readonly explainsTruth: boolean;
  /** An image that has not come to the engine by then is given up. */
  readonly signal: AbortSignal;
}

/**
 * Explains one image, writes its files, and returns its line, which is not written yet.
 *
 * @throws an `AbortError` where the image was given up.
 */
export async function explainImage(
  source: string,
  request: ImageRequest,
  onProgress: RunProgress,
): Promise<ResultLine> {
  const start = performance.now();
  const read = await request.read(source);
  try {
    return await explainRead(source, read, request, onProgress, start);
  } finally {
    read.release();
  }
}

async function explainRead(
  source: string,
  { sha256, image, prepare }: ReadImage,
  request: ImageRequest,
  onProgress: RunProgress,
  start: number,
): Promise<ResultLine> {
  const { names, save, directory } = request;
  const truth = request.truth?.find(source);
  const ask = (options: ExplainOptions): Promise<ImageExplanation> =>
    request.thread.explain(prepare(), options, onProgress);
  request.signal.throwIfAborted();
  const first = await ask(request.options);
  const { predictions, geometry } = first;
  const correct = truth === undefined ? undefined : predictions[0]?.index === truth.index;
  const explanations = [...first.explanations];
  if (correct === false && request.explainsTruth) {
    const again = await ask({ ...request.options, targets: [truth!.index] });
    explanations.push(...again.explanations);
  }
  const folder = names.folderOf(source);
  const lines = [];
  const seen = new Set<string>();
  const taken = new Set<string>();
  for (const explanation of explanations) {
    // `top1` and the class it came to are one explanation, however often they were asked for.
    const { method, layer, target } = explanation;
    const key = JSON.stringify([method, layer, target]);
    if (seen.has(key)) continue;
    seen.add(key);
    lines.push(await saveExplanation(explanation, image, geometry, folder, save, directory, taken));
  }
  const sweeps = save.sweep
    ? await saveSweeps(request.model.network, ask, image, request.options, folder, save, directory)
    : null;
  const notes = [
    ...image.notes,
    ...(first.doubt === undefined ? [] : [first.doubt]),
    ...(first.notes ?? []),
  ];
  return {
    image: names.lineOf(source),
    sha256,
    width: image.width,
    height: image.height,
    view: geometry.view,
    ...(image.samples === undefined ? {} : { samples: image.samples }),
    ...(notes.length === 0 ? {} : { notes }),
    predictions,
    ...describeTruth(truth, correct),
    explanations: lines,
    ...(sweeps === null ? {} : { sweeps }),
    ms: Math.round(performance.now() - start),
  };
}

function describeTruth(
  truth: TrueClass | undefined,
  correct: boolean | undefined,
): Pick<ResultLine, 'truth' | 'correct'> {
  return truth === undefined || correct === undefined ? {} : { truth, correct };
}
