import type { FailureLine, ResultLine } from '@gradcam/core';
import { classifyRunError } from '../../classify-run-error.ts';
import { exitCodes } from '../../exit-codes.ts';
import { explainImage, type ImageRequest } from './explain-image.ts';
import { mapInOrder } from './map-in-order.ts';
import { toReadableLine } from './readable-line.ts';
import type { ResultsFile } from '../files/results-file.ts';

/**
 * Images in work at once: one in the engine, one that waits for it, and those that are read before
 * or written after. More gain nothing and cost memory.
 */
const IN_WORK = 4;

export interface LoopRequest extends ImageRequest {
  readonly images: readonly string[];
  readonly results: ResultsFile;
  readonly onStart: (image: string) => void;
  readonly onRuns: (image: string, done: number, total: number) => void;
  /** Called when the line is in the file. */
  readonly onLine: (line: ResultLine | FailureLine) => void;
}

/**
 * Explains the images with the parts of the work overlapped: while the engine runs one, the next is
 * read and decoded and the last is painted and written. Lines come in the images' order.
 *
 * A fault of one image is its line, and the others go on; whatever else is wrong ends the loop.
 */
export async function explainImages(request: LoopRequest): Promise<void> {
  const { images, results, signal, thread } = request;
  const drop = (): void => thread.drop();
  signal.addEventListener('abort', drop);
  const explainOne = async (image: string): Promise<ResultLine | FailureLine | null> => {
    if (signal.aborted) return null;
    request.onStart(image);
    try {
      const onRuns = (done: number, total: number): void => request.onRuns(image, done, total);
      return toReadableLine(await explainImage(image, request, onRuns));
    } catch (error) {
      if ((error as Error).name === 'AbortError') return null;
      return { image: request.names.lineOf(image), error: describeImageFailure(error) };
    }
  };
  try {
    for await (const line of mapInOrder(untilAborted(images, signal), IN_WORK, explainOne)) {
      if (line === null) continue;
      await results.append(line);
      request.onLine(line);
    }
  } finally {
    signal.removeEventListener('abort', drop);
  }
}

function* untilAborted(images: readonly string[], signal: AbortSignal): Generator<string> {
  for (const image of images) {
    if (signal.aborted) return;
    yield image;
  }
}

/** Faults of one image are recorded and the others go on; whatever else is wrong ends the run. */
function describeImageFailure(error: unknown): string {
  const code = classifyRunError(error);
  if (code !== exitCodes.badData && code !== exitCodes.noInput) throw error;
  return (error as Error).message;
}
