import { countElements, type NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';

/** What every method that runs the model many times can be told. */
export interface BatchedRunOptions {
  /** Takes effect between runs of the model. */
  readonly signal?: AbortSignal;
  /** After each run: how many of the method's inputs were evaluated, of how many. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Inputs for one run of the model: more need more memory, and give the same numbers. */
  readonly batch?: number;
}

/**
 * Inputs for one run where nothing else is said. The widest layers of a VGG16 hold 26 MB for each
 * image of 224 pixels, so this stays near 200 MB.
 */
export const DEFAULT_BATCH = 8;

/**
 * Calls `work` for one stretch of `total` items after the other.
 *
 * Engines may compute on this very thread, where no timer and no click would ever be heard: whoever
 * listens gets a turn of the event loop between runs.
 *
 * @param work of the place of the first item and the number of items.
 * @throws GradcamError `argument` for a batch that is not a positive whole number.
 * @throws the signal's reason when aborted.
 */
export async function runInBatches(
  total: number,
  options: BatchedRunOptions,
  work: (start: number, count: number) => Promise<void>,
): Promise<void> {
  const { signal, onProgress, batch = DEFAULT_BATCH } = options;
  checkCount('batch', batch);
  signal?.throwIfAborted();
  for (let start = 0; start < total; start += batch) {
    const count = Math.min(batch, total - start);
    await work(start, count);
    signal?.throwIfAborted();
    onProgress?.({ done: start + count, total });
    if (signal === undefined && onProgress === undefined) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal?.throwIfAborted();
  }
}

/** @throws GradcamError `argument` for what is not a whole number of at least `least`. */
export function checkCount(name: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new GradcamError(
    'argument',
    `${name}: expected a whole number of at least ${least}, got ${value}`,
  );
}

/**
 * Height, width and channels of one input.
 *
 * @throws GradcamError `argument` for anything but [1, height, width, channels].
 */
export function imageSize({ shape, data }: NdArray): [number, number, number] {
  const isOne = shape.length === 4 && shape[0] === 1 && countElements(shape) === data.length;
  if (isOne) return [shape[1]!, shape[2]!, shape[3]!];
  throw new GradcamError(
    'argument',
    `expected one input [1, height, width, channels], got [${shape.join(', ')}] with ${data.length} values`,
  );
}

/**
 * `count` items of one shape in one array, each filled by `fill`.
 *
 * @param space where they lie, if not in new memory, with whatever was there before. A forward pass reads
 *   its inputs only while it runs; in new memory, filling an image of 224 pixels takes 0.5 ms more.
 */
export function fillBatch(
  itemShape: readonly number[],
  count: number,
  fill: (item: Float32Array, place: number) => void,
  space?: Float32Array,
): NdArray {
  const size = countElements(itemShape);
  const data = space?.subarray(0, count * size) ?? new Float32Array(count * size);
  for (let i = 0; i < count; i++) fill(data.subarray(i * size, (i + 1) * size), i);
  return { shape: [count, ...itemShape], data };
}
