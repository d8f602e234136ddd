import { countElements, type NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import type { Seed } from '../../engines/port/seed.ts';

/** Options of every method that runs the model many times. */
export interface BatchedRunOptions {
  /** An abort takes effect between two passes of the model. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each pass with the number of inputs evaluated so far and the number in all. */
  readonly onProgress?:
    ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** How many inputs one pass takes. More need more memory and give the same numbers. */
  readonly batch?: number | undefined;
}

/** Options of a method that explains several scores with the same passes. */
export interface SeededRunOptions extends BatchedRunOptions {
  /** The scores to explain. */
  readonly seeds: readonly Seed[];
}

/**
 * How many inputs one pass takes by default. The widest layers of a VGG16 hold 26 MB for each image of
 * 224 pixels, so this number keeps them near 200 MB.
 */
export const DEFAULT_BATCH = 8;

/**
 * Calls `work` for one part of `total` items after the other.
 *
 * An engine may compute on the calling thread, where no timer and no click is handled meanwhile. So
 * where somebody may abort or watches the progress, the event loop gets a turn after each part.
 *
 * @param work is called with the index of the part's first item and the number of its items.
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

/** @throws GradcamError `argument` for a value that is not a whole number of at least `least`. */
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
 * @throws GradcamError `argument` for any shape other than [1, height, width, channels].
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
 * One array with `count` items of one shape; `fill` writes each item.
 *
 * @param fill is called with the item's values and its index.
 * @param space memory to use again, with whatever values it holds. An engine reads its inputs only
 *   during the pass; to fill an image of 224 pixels in new memory takes 0.5 ms longer.
 */
export function fillBatch(
  itemShape: readonly number[],
  count: number,
  fill: (item: Float32Array, index: number) => void,
  space?: Float32Array,
): NdArray {
  const size = countElements(itemShape);
  const data = space?.subarray(0, count * size) ?? new Float32Array(count * size);
  for (let i = 0; i < count; i++) fill(data.subarray(i * size, (i + 1) * size), i);
  return { shape: [count, ...itemShape], data };
}

/** One item [1, ..] as a batch of `count` equal items. */
export function repeatItem({ shape, data }: NdArray, count: number): NdArray {
  return fillBatch(shape.slice(1), count, (item) => item.set(data));
}
