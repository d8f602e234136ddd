import { GradcamError, isGradcamError, toPrintable } from '@gradcam/core';
import { createImageReader } from '@gradcam/runs';
import type { ExitCode } from '../../exit-codes.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import type { Terminal } from '../../terminal/messages.ts';
import { startProgress } from '../../terminal/progress.ts';
import { evaluateImage, type ImageWork } from './evaluate-image.ts';
import type { EvaluationHead, UnevaluatedImage } from './evaluation.ts';
import type { EvaluationFile } from './evaluation-file.ts';
import type { EvaluateSettings } from './flags.ts';
import type { OpenedModels } from './open-models.ts';
import { createRows, type Row } from './rows.ts';

/** Everything that the evaluation of a list of images needs. */
export interface ImagesWork {
  readonly opened: OpenedModels;
  readonly settings: EvaluateSettings;
  readonly annotations: ImageWork['annotations'];
  readonly head: EvaluationHead;
  /** Paths and addresses, by the names that the lines give to the images. */
  readonly names: ReadonlyMap<string, string>;
  readonly file: EvaluationFile;
  /** The sha256, in hex, that each image of a run must still have; null if the user named the images. */
  readonly expected: ReadonlyMap<string, string> | null;
}

/** The outcome of the evaluation of the images. */
export interface ImagesOutcome {
  readonly rows: readonly Row[];
  readonly failures: readonly string[];
  /** The exit code if a signal ended the work; null if all images were processed. */
  readonly interrupted: ExitCode | null;
}

/**
 * Evaluates the images that are not done yet, one after the other, and appends a line for each. If an image
 * has a fault, its line reports the fault and the other images are still evaluated.
 */
export async function evaluateImages(
  { opened, settings, annotations, head, names, file, expected }: ImagesWork,
  isResumed: boolean,
  terminal: Terminal,
): Promise<ImagesOutcome> {
  const guard = abortOnSignals(() =>
    terminal.warn('stopping; the images that are done are kept for --resume'),
  );
  const { model } = opened;
  const { methods, layer, targets } = head.settings;
  const { signal } = guard;
  const { batch, seed, runs, metrics, score, steps, replacement } = settings;
  const rowOptions = { layer, runs, batch, signal };
  const rows = createRows(model, methods, rowOptions);
  const work: ImageWork = {
    rows,
    randomised: opened.randomised && createRows(opened.randomised, methods, rowOptions),
    annotations,
    targets,
    options: { model, signal, batch, seed, metrics, score, steps, replacement },
  };
  const done = new Set(file.lines.map(({ image }) => image));
  const pending = [...names].filter(([name]) => !done.has(name));
  if (isResumed) {
    terminal.note(
      `resumed: ${done.size} of ${names.size} images are done, ${pending.length} to do`,
    );
  }
  const read = createImageReader(undefined, model.input);
  const progress = startProgress(terminal, pending.length, 'images');
  const failures: string[] = [];
  try {
    for (const [i, [image, source]] of pending.entries()) {
      signal.throwIfAborted();
      progress.update(i, toPrintable(source));
      const line = await evaluateOne({ image, source, sha256: expected?.get(source) }, read, work);
      if ('error' in line) failures.push(line.error);
      await file.append(line);
    }
  } catch (error) {
    const interrupted = guard.exitCode();
    if (interrupted === null || error !== signal.reason) throw error;
    return { rows, failures, interrupted };
  } finally {
    progress.stop();
    guard.release();
  }
  return { rows, failures, interrupted: null };
}

/** If an image has a fault, its line reports the fault and the other images are still evaluated. */
async function evaluateOne(
  one: { readonly image: string; readonly source: string; readonly sha256: string | undefined },
  read: ReturnType<typeof createImageReader>,
  work: ImageWork,
): Promise<Awaited<ReturnType<typeof evaluateImage>> | UnevaluatedImage> {
  try {
    const picture = await read(one.source);
    try {
      if (one.sha256 !== undefined && one.sha256 !== picture.sha256) {
        throw new GradcamError('image', `${one.source}: has changed since the run explained it`);
      }
      return await evaluateImage(one, picture, work);
    } finally {
      picture.release();
    }
  } catch (error) {
    const isFault =
      isGradcamError(error, 'image', 'model') ||
      (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
    if (!isFault) throw error;
    return { image: one.image, error: (error as Error).message };
  }
}
