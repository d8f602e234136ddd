import {
  isGradcamError,
  type FailureLine,
  type ModelDescription,
  type ResultLine,
} from '@gradcam/core';
import { explainImage, type ImageRequest } from '../explain/explain-image.ts';
import type { AskedImage } from '../explain/image-questions.ts';
import { joinRequests } from '../explain/join-requests.ts';
import { mapInOrder } from '../explain/map-in-order.ts';
import type { ResultsFile } from '../files/results-file.ts';
import { saveFigures } from '../figure/save-figures.ts';
import { saveSweeps } from '../sweep/save-sweeps.ts';
import { toReadableLine } from './readable-line.ts';

/**
 * Images that are worked on at the same time: those in the engine, as many that wait for it, and two that are
 * being read or written. More gain nothing and cost memory.
 */
const countInWork = (batch: number): number => 2 * batch + 2;

/** The images of a run, and all that explaining them needs. */
export interface ExplainImagesRequest extends Omit<
  ImageRequest,
  'saveSweeps' | 'saveFigures' | 'first'
> {
  /** The images with their questions, as `openRun` lists those that are left to do. */
  readonly images: readonly AskedImage[];
  readonly model: Pick<ModelDescription, 'network'>;
  readonly results: ResultsFile;
  /** How many images one run of the model takes; default 1. {@link chooseBatch} of core recommends one. */
  readonly batch?: number;
  readonly onStart: (image: string) => void;
  /** Called after each execution of the model by a method that needs many. */
  readonly onRuns: (image: string, done: number, total: number) => void;
  /** Called when the line is in the file. */
  readonly onLine: (line: ResultLine | FailureLine) => void;
}

/**
 * Explains images, writes their files and appends a line for each to the results, in the order of the images.
 * The parts of the work overlap: while the engine runs one batch of images, the next is read and decoded, and
 * the one before is painted and written.
 *
 * If an image has a fault, its line reports the fault and the loop goes on with the next image. An aborted
 * signal ends the loop after the images that have come to the engine.
 *
 * @throws any other fault, which ends the loop: RunError `cannot-write` where a file cannot be written,
 *   GradcamError of the kinds `engine`, `argument` and `not-found`.
 */
export async function explainImages(request: ExplainImagesRequest): Promise<void> {
  const { images, results, signal, thread, save, directory, model, batch = 1 } = request;
  const imageRequest: ImageRequest = {
    ...request,
    saveSweeps: save.sweep
      ? (ask, image, asked, folder) =>
          saveSweeps(model.network, ask, image, asked, folder, save, directory)
      : null,
    saveFigures: save.figure
      ? (ask, image, geometry, explained, asked, folder) =>
          saveFigures(ask, image, geometry, explained, asked, folder, save, directory)
      : null,
  };
  const joined = joinRequests(thread, { most: batch });
  const drop = (): void => joined.drop();
  signal.addEventListener('abort', drop);
  const explainOne = async (one: AskedImage): Promise<ResultLine | FailureLine | null> => {
    if (signal.aborted) return null;
    const { image, question } = one;
    const subject = {
      image: request.names.lineOf(image),
      ...(question !== undefined && { question }),
    };
    request.onStart(image);
    const expected = joined.expect();
    try {
      const onRuns = (done: number, total: number): void => request.onRuns(image, done, total);
      const line = await explainImage(one, { ...imageRequest, first: expected }, onRuns);
      return toReadableLine(line, subject);
    } catch (error) {
      if ((error as Error).name === 'AbortError') return null;
      if (!isImageFault(error)) throw error;
      return { ...subject, error: nameImage(error, subject.image) };
    } finally {
      expected.withdraw();
    }
  };
  try {
    for await (const line of mapInOrder(
      untilAborted(images, signal),
      countInWork(batch),
      explainOne,
    )) {
      if (line === null) continue;
      await results.append(line);
      request.onLine(line);
    }
  } finally {
    signal.removeEventListener('abort', drop);
  }
}

function* untilAborted(images: readonly AskedImage[], signal: AbortSignal): Generator<AskedImage> {
  for (const image of images) {
    if (signal.aborted) return;
    yield image;
  }
}

/**
 * Whether an error is a fault of this image, or of the model with this image, so that another image may
 * succeed.
 */
function isImageFault(error: unknown): error is Error {
  return (
    isGradcamError(error, 'image', 'model', 'unsupported') ||
    // A file that was removed after it was listed.
    (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'
  );
}

/** The message with the image's name, which an error of core does not know. */
function nameImage({ message }: Error, image: string): string {
  return /^target /.test(message) ? `${image}: ${message}` : message;
}
