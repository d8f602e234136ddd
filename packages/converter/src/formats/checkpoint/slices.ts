import { FormatError, LimitError } from '../../errors.ts';
import { CHUNK_BYTES, MAX_SLICE_COMPARISONS, MAX_SLICES } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { countElements, formatShape } from '../../tensors/stored-tensor.ts';
import type { SliceExtent } from './messages.ts';

/** A box of a partitioned tensor, with every extent explicit. */
export interface Box {
  /** The first index in each dimension. */
  readonly start: readonly number[];
  /** The number of indices in each dimension. */
  readonly length: readonly number[];
}

/** A box with a source of its elements: row-major, little-endian, exactly the bytes of the box. */
export interface BoxSource extends Box {
  readonly source: RandomAccessSource;
}

/**
 * Makes the extents of a slice explicit. A slice without extents is the whole tensor.
 *
 * @throws FormatError when the slice does not lie in the tensor
 */
export function resolveBox(
  tensor: string,
  shape: readonly number[],
  extents: readonly SliceExtent[],
): Box {
  if (extents.length !== 0 && extents.length !== shape.length) {
    throw new FormatError(
      'checkpoint',
      `${tensor} of shape ${formatShape(shape)} has a slice of rank ${extents.length}`,
    );
  }
  const start = shape.map((_, axis) => extents[axis]?.start ?? 0);
  const length = shape.map((size, axis) => {
    const given = extents[axis]?.length ?? -1;
    return given < 0 ? size : given;
  });
  const inside = shape.every((size, axis) => {
    const first = start[axis] ?? 0;
    return first >= 0 && first + (length[axis] ?? 0) <= size;
  });
  if (!inside) {
    throw new FormatError(
      'checkpoint',
      `slice ${formatBox({ start, length })} is outside ${tensor} of shape ${formatShape(shape)}`,
    );
  }
  return { start, length };
}

/** A text for a box, such as `0+100,5+1`. Two boxes are equal exactly if their texts are equal. */
export function formatBox(box: Box): string {
  return box.start.map((first, axis) => `${first}+${box.length[axis] ?? 0}`).join(',');
}

/** Whether the box is the whole tensor. */
export function isWholeBox(box: Box, shape: readonly number[]): boolean {
  return shape.every((size, axis) => box.length[axis] === size);
}

/**
 * Checks that boxes together make up a tensor: they have as many elements as the tensor, and no two
 * overlap.
 *
 * @throws FormatError, LimitError
 */
export function checkBoxes(tensor: string, shape: readonly number[], boxes: readonly Box[]): void {
  if (boxes.length > MAX_SLICES) {
    throw new LimitError(`number of slices of ${tensor}`, MAX_SLICES, boxes.length);
  }
  const wanted = countElements(shape);
  const found = boxes.reduce((sum, box) => sum + countElements(box.length), 0);
  const overlapping = found === wanted && findOverlap(tensor, shape, boxes);
  if (found === wanted && !overlapping) return;
  throw new FormatError(
    'checkpoint',
    `the ${boxes.length} slices of ${tensor} ${formatShape(shape)} ${overlapping ? 'overlap' : `hold ${found} of ${wanted} elements`}; is a shard missing?`,
  );
}

/**
 * Reads the elements of a partitioned tensor in row-major order. Every source is read once, from front to
 * back.
 */
export async function* readJoinedChunks(
  shape: readonly number[],
  elementBytes: number,
  boxes: readonly BoxSource[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const total = countElements(shape);
  const runs = boxes.map((box) => describeRuns(box, shape));
  const windowElements = Math.floor(CHUNK_BYTES / elementBytes);
  for (let start = 0; start < total; start += windowElements) {
    const end = Math.min(total, start + windowElements);
    const window = new Uint8Array((end - start) * elementBytes);
    for (const run of runs) await copyRuns(run, start, end, elementBytes, window);
    yield window;
  }
}

/** A box as runs of elements that are contiguous both in the box and in the tensor. */
interface BoxRuns {
  readonly source: RandomAccessSource;
  readonly runElements: number;
  readonly runCount: number;
  /** The tensor's index of the first element of a run. It grows with the number of the run. */
  locate(run: number): number;
}

function describeRuns(box: BoxSource, shape: readonly number[]): BoxRuns {
  // The axes after the last axis that is cut are whole, so elements along them are contiguous.
  let cut = shape.length - 1;
  while (cut > 0 && box.length[cut] === shape[cut]) cut--;
  const strides = shape.map((_, axis) => countElements(shape.slice(axis + 1)));
  const outer = box.length.slice(0, Math.max(0, cut));
  const first = box.start.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 0), 0);
  return {
    source: box.source,
    runElements: countElements(box.length.slice(Math.max(0, cut))),
    runCount: countElements(outer),
    locate(run) {
      let rest = run;
      let place = first;
      for (let axis = outer.length - 1; axis >= 0; axis--) {
        const size = outer[axis] ?? 1;
        place += (rest % size) * (strides[axis] ?? 0);
        rest = Math.floor(rest / size);
      }
      return place;
    },
  };
}

/** Copies the part of a box that lies in the elements [start, end) of the tensor. */
async function copyRuns(
  box: BoxRuns,
  start: number,
  end: number,
  elementBytes: number,
  window: Uint8Array,
): Promise<void> {
  const { runElements, runCount, locate } = box;
  if (runElements === 0) return;
  let run = findFirst(runCount, (index) => locate(index) + runElements > start);
  const stop = findFirst(runCount, (index) => locate(index) >= end);
  if (run >= stop) return;
  const sourceStart = run * runElements + Math.max(0, start - locate(run));
  const lastRun = stop - 1;
  const sourceEnd = lastRun * runElements + Math.min(runElements, end - locate(lastRun));
  const bytes = await box.source.read(
    sourceStart * elementBytes,
    (sourceEnd - sourceStart) * elementBytes,
  );
  for (let used = 0; run < stop; run++) {
    const place = locate(run);
    const from = Math.max(start, place);
    const length = (Math.min(end, place + runElements) - from) * elementBytes;
    window.set(bytes.subarray(used, used + length), (from - start) * elementBytes);
    used += length;
  }
}

/** The first index in [0, count) for which a monotone test is true, or else `count`. */
function findFirst(count: number, test: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Whether two boxes overlap. The boxes are sorted along the axis with the most cuts, and a box is compared
 * only with boxes that start before it ends on this axis. If a tensor is cut along one axis, as TensorFlow
 * does it, there are none.
 */
function findOverlap(tensor: string, shape: readonly number[], boxes: readonly Box[]): boolean {
  const cuts = shape.map((_, axis) => new Set(boxes.map(({ start }) => start[axis])).size);
  const axis = cuts.indexOf(Math.max(0, ...cuts));
  const startOf = (box: Box): number => box.start[axis] ?? 0;
  const sorted = [...boxes].sort((left, right) => startOf(left) - startOf(right));
  let comparisons = 0;
  for (const [index, box] of sorted.entries()) {
    const end = startOf(box) + (box.length[axis] ?? 0);
    for (let next = index + 1; next < sorted.length; next++) {
      const other = sorted[next]!;
      if (startOf(other) >= end && axis >= 0) break;
      if (overlaps(box, other)) return true;
      comparisons++;
      if (comparisons > MAX_SLICE_COMPARISONS) {
        const subject = `comparisons of the ${boxes.length} slices of ${tensor}`;
        throw new LimitError(subject, MAX_SLICE_COMPARISONS, comparisons);
      }
    }
  }
  return false;
}

function overlaps(left: Box, right: Box): boolean {
  return left.start.every((first, axis) => {
    const other = right.start[axis] ?? 0;
    return first < other + (right.length[axis] ?? 0) && other < first + (left.length[axis] ?? 0);
  });
}
