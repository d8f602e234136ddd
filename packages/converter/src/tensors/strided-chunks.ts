import { CHUNK_BYTES, STRIDED_PIECE_BYTES, STRIDED_WINDOW_BYTES } from '../bytes/limits.ts';
import type { RandomAccessSource } from '../bytes/source.ts';
import { gatherElements, type CopiedAxis } from './gather-elements.ts';

/** Where the elements of an array are among the elements of its source. */
export interface StridedView {
  readonly shape: readonly number[];
  /** Elements between neighbours on each axis, 0 or more. */
  readonly strides: readonly number[];
  /** The number of the first element. */
  readonly offset: number;
}

/** The sizes of the buffers; tests use smaller ones. */
export interface StridedLimits {
  /** Bytes of the window in which elements are put in order. */
  readonly windowBytes: number;
  /** Most bytes of one read. */
  readonly pieceBytes: number;
  /** Most bytes of one chunk; a multiple of the element size. */
  readonly chunkBytes: number;
}

const DEFAULT_LIMITS: StridedLimits = {
  windowBytes: STRIDED_WINDOW_BYTES,
  pieceBytes: STRIDED_PIECE_BYTES,
  chunkBytes: CHUNK_BYTES,
};

/**
 * Reads the elements of any view in row-major order, without holding the array in memory. A view whose
 * elements follow each other is read from front to back. The elements of any other view are put in order in a
 * window: the source is read once for each window, in pieces that follow each other.
 */
export async function* readStridedChunks(
  source: RandomAccessSource,
  view: StridedView,
  elementBytes: number,
  limits: StridedLimits = DEFAULT_LIMITS,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (view.shape.includes(0)) return;
  const { sizes, strides } = simplify(view);
  if (sizes.length === 0 || (sizes.length === 1 && strides[0] === 1)) {
    const end = (view.offset + (sizes[0] ?? 1)) * elementBytes;
    for (let start = view.offset * elementBytes; start < end; start += limits.chunkBytes) {
      yield await source.read(start, Math.min(limits.chunkBytes, end - start));
    }
    return;
  }
  const allBytes = multiply(sizes) * elementBytes;
  const longest = Math.min(limits.windowBytes, allBytes);
  const buffer = new Uint8Array(Math.max(longest, elementBytes));
  for (const part of cutWindows(sizes, strides, view.offset, limits.windowBytes / elementBytes)) {
    const window = buffer.subarray(0, multiply(part.sizes) * elementBytes);
    const axes = part.sizes
      .map((size, i) => ({
        size,
        from: part.strides[i]!,
        to: multiply(part.sizes.slice(i + 1)),
      }))
      .sort((a, b) => b.from - a.from);
    await fillWindow({ source, elementBytes, limits, window }, axes, 0, part.offset, 0);
    // Another window would reuse the buffer while a reader may still use these bytes, so they are copied.
    const isOnly = window.length === allBytes;
    for (let at = 0; at < window.length; at += limits.chunkBytes) {
      const end = at + limits.chunkBytes;
      yield isOnly ? window.subarray(at, end) : window.slice(at, end);
    }
  }
}

/** Leaves out axes of size 1 and joins axes that follow each other without a gap. */
function simplify({ shape, strides }: StridedView): { sizes: number[]; strides: number[] } {
  const sizes: number[] = [];
  const steps: number[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const step = strides[axis]!;
    const last = sizes.length - 1;
    if (last >= 0 && steps[last] === step * size) {
      sizes[last] = sizes[last]! * size;
      steps[last] = step;
    } else {
      sizes.push(size);
      steps.push(step);
    }
  });
  return { sizes, strides: steps };
}

/** Cuts a view along its first axes into parts of at most `most` elements, in row-major order. */
function* cutWindows(
  sizes: readonly number[],
  strides: readonly number[],
  offset: number,
  most: number,
): Generator<{ sizes: readonly number[]; strides: readonly number[]; offset: number }> {
  const rowElements = multiply(sizes.slice(1));
  const [rows = 1] = sizes;
  const [step = 0] = strides;
  if (rowElements > most) {
    for (let row = 0; row < rows; row++) {
      yield* cutWindows(sizes.slice(1), strides.slice(1), offset + row * step, most);
    }
    return;
  }
  const count = Math.max(1, Math.floor(most / rowElements));
  for (let first = 0; first < rows; first += count) {
    const part = [Math.min(count, rows - first), ...sizes.slice(1)];
    yield { sizes: part, strides, offset: offset + first * step };
  }
}

interface Filling {
  readonly source: RandomAccessSource;
  readonly elementBytes: number;
  readonly limits: StridedLimits;
  readonly window: Uint8Array;
}

/**
 * Copies the axes from `depth` on into the window. The axes are sorted by their strides in the source, the
 * largest first, so that the source is read forwards.
 */
async function fillWindow(
  filling: Filling,
  axes: readonly CopiedAxis[],
  depth: number,
  from: number,
  to: number,
): Promise<void> {
  const { source, elementBytes, limits, window } = filling;
  const [axis = { size: 1, from: 0, to: 0 }] = axes.slice(depth);
  const inner = measureSpan(axes.slice(depth + 1));
  const most = limits.pieceBytes / elementBytes;
  if (inner > most) {
    for (let index = 0; index < axis.size; index++) {
      await fillWindow(filling, axes, depth + 1, from + index * axis.from, to + index * axis.to);
    }
    return;
  }
  const fitting = axis.from === 0 ? axis.size : Math.floor((most - inner) / axis.from) + 1;
  for (let index = 0; index < axis.size; index += fitting) {
    const size = Math.min(fitting, axis.size - index);
    const part = [{ ...axis, size }, ...axes.slice(depth + 1)];
    const start = from + index * axis.from;
    const bytes = await source.read(start * elementBytes, measureSpan(part) * elementBytes);
    gatherElements(bytes, window, to + index * axis.to, part, elementBytes);
  }
}

/** The number of elements from the first one to the last one. */
function measureSpan(axes: readonly CopiedAxis[]): number {
  return axes.reduce((sum, { size, from }) => sum + (size - 1) * from, 1);
}

function multiply(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}
