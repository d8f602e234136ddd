import { GradcamError, isGradcamError, toPrintable } from '@gradcam/core';
import { createImageReader } from '@gradcam/runs';
import type { ExitCode } from '../../exit-codes.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import type { Terminal } from '../../terminal/messages.ts';
import { startProgress } from '../../terminal/progress.ts';
import { askModel, type AskedModel } from './ask-model.ts';
import { evaluateImage, type ImageWork } from './evaluate-image.ts';
import type { EvaluationHead, UnevaluatedImage } from './evaluation.ts';
import { keyOfLine, type EvaluationFile } from './evaluation-file.ts';
import type { EvaluateSettings } from './flags.ts';
import type { OpenedModels } from './open-models.ts';
import { createRows, type Row } from './rows.ts';

/** An image to evaluate, with its name in the line and the question about it. */
export interface WantedImage {
  readonly image: string;
  /** Path or address. */
  readonly source: string;
  readonly question?: string | undefined;
}

/** Everything that the evaluation of a list of images needs. */
export interface ImagesWork {
  readonly opened: OpenedModels;
  readonly settings: EvaluateSettings;
  readonly annotations: ImageWork['annotations'];
  readonly head: EvaluationHead;
  readonly wanted: readonly WantedImage[];
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
 * Evaluates the images, or the questions about them, that are not done yet, one after the other, and appends
 * a line for each. If an image has a fault, its line reports the fault and the others are still evaluated.
 */
export async function evaluateImages(
  { opened, settings, annotations, head, wanted, file, expected }: ImagesWork,
  isResumed: boolean,
  terminal: Terminal,
): Promise<ImagesOutcome> {
  const guard = abortOnSignals(() =>
    terminal.warn('stopping; the images that are done are kept for --resume'),
  );
  const { methods, layer, targets } = head.settings;
  const { signal } = guard;
  const { batch, seed, runs, metrics, score, steps, replacement } = settings;
  const rowOptions = { layer, runs, batch, signal };
  const workWith = ({
    model,
    randomised,
  }: Pick<OpenedModels, 'model' | 'randomised'>): ImageWork => ({
    rows: createRows(model, methods, rowOptions),
    randomised: randomised && createRows(randomised, methods, rowOptions),
    annotations,
    targets,
    options: { model, signal, batch, seed, metrics, score, steps, replacement },
  });
  const done = new Set(file.lines.map(keyOfLine));
  const pending = wanted.filter((one) => !done.has(keyOfLine(subjectOf(one))));
  const what = wanted.some(({ question }) => question !== undefined) ? 'questions' : 'images';
  if (isResumed) {
    terminal.note(
      `resumed: ${done.size} of ${wanted.length} ${what} are done, ${pending.length} to do`,
    );
  }
  const read = createImageReader(undefined, opened.model.input);
  const progress = startProgress(terminal, pending.length, what);
  const failures: string[] = [];
  const said = new Set<string>();
  const plain = workWith(opened);
  try {
    for (const [i, one] of pending.entries()) {
      signal.throwIfAborted();
      progress.update(i, toPrintable(one.source));
      const asked = one.question === undefined ? null : askModels(opened, one.question);
      for (const note of asked?.notes ?? []) {
        if (!said.has(note)) progress.print(() => terminal.note(toPrintable(note)));
        said.add(note);
      }
      try {
        const work = asked === null ? plain : workWith(asked);
        const line = await evaluateOne(one, expected?.get(one.source), read, work);
        if ('error' in line) failures.push(line.error);
        await file.append(line);
      } finally {
        asked?.release();
      }
    }
  } catch (error) {
    const interrupted = guard.exitCode();
    if (interrupted === null || error !== signal.reason) throw error;
    return { rows: plain.rows, failures, interrupted };
  } finally {
    progress.stop();
    guard.release();
  }
  return { rows: plain.rows, failures, interrupted: null };
}

/** Both models with the same question. */
function askModels(
  { model, randomised }: OpenedModels,
  question: string,
): Pick<OpenedModels, 'model' | 'randomised'> & Pick<AskedModel, 'notes' | 'release'> {
  const own = askModel(model, question);
  const noisy = randomised === null ? null : askModel(randomised, question);
  return {
    ...{ model: own.model, randomised: noisy?.model ?? null, notes: own.notes },
    release() {
      noisy?.release();
      own.release();
    },
  };
}

function subjectOf({ image, question }: WantedImage): Pick<UnevaluatedImage, 'image' | 'question'> {
  return { image, ...(question !== undefined && { question }) };
}

/** If an image has a fault, its line reports the fault and the other images are still evaluated. */
async function evaluateOne(
  one: WantedImage,
  sha256: string | undefined,
  read: ReturnType<typeof createImageReader>,
  work: ImageWork,
): Promise<Awaited<ReturnType<typeof evaluateImage>> | UnevaluatedImage> {
  try {
    const picture = await read(one.source);
    try {
      if (sha256 !== undefined && sha256 !== picture.sha256) {
        throw new GradcamError('image', `${one.source}: has changed since the run explained it`);
      }
      return await evaluateImage({ ...subjectOf(one), source: one.source }, picture, work);
    } finally {
      picture.release();
    }
  } catch (error) {
    const isFault =
      isGradcamError(error, 'image', 'model') ||
      (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
    if (!isFault) throw error;
    return { ...subjectOf(one), error: (error as Error).message };
  }
}
