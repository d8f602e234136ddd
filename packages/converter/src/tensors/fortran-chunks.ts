import { CHUNK_BYTES, TRANSPOSE_WINDOW_BYTES } from '../bytes/limits.ts';
import type { RandomAccessSource } from '../bytes/source.ts';
import { countElements } from './stored-tensor.ts';

/** The sizes of the buffers; tests use smaller ones. */
export interface TransposeLimits {
  /** Bytes of the window in which rows are put together. */
  readonly windowBytes: number;
  /** Bytes of one read and of one chunk that is passed on; a multiple of the element size. */
  readonly chunkBytes: number;
}

const DEFAULT_LIMITS: TransposeLimits = {
  windowBytes: TRANSPOSE_WINDOW_BYTES,
  chunkBytes: CHUNK_BYTES,
};

/**
 * Reads the elements of a column-major array in row-major order, without holding the whole array in memory.
 *
 * Rows (along the first axis) are put together in a window of 32 MiB. In the file, the rows of a window are
 * one short run in every column, so a larger window needs fewer reads. If a single row is larger than the
 * window, its index is fixed and the next axis is cut instead. The runs then have gaps, which are read too
 * and not used.
 */
export async function* readFortranChunks(
  source: RandomAccessSource,
  shape: readonly number[],
  elementBytes: number,
  limits: TransposeLimits = DEFAULT_LIMITS,
): AsyncGenerator<Uint8Array, void, undefined> {
  const sizes = shape.filter((size) => size !== 1);
  if (countElements(sizes) === 0) return;
  yield* readFromAxis({ source, sizes, elementBytes, limits }, 0, 0, 1);
}

interface Transposition {
  readonly source: RandomAccessSource;
  /** The shape without axes of size 1, which do not affect the order. */
  readonly sizes: readonly number[];
  readonly elementBytes: number;
  readonly limits: TransposeLimits;
}

/**
 * Reads the sub-array at element `base`, in which the axes before `axis` are fixed. `stride` is the stride
 * of `axis`.
 */
async function* readFromAxis(
  array: Transposition,
  axis: number,
  base: number,
  stride: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { sizes, elementBytes, limits } = array;
  const rows = sizes[axis] ?? 1;
  const rest = sizes.slice(axis + 1);
  const rowBytes = countElements(rest) * elementBytes;
  if (rowBytes > limits.windowBytes && rest.length > 0) {
    for (let row = 0; row < rows; row++) {
      yield* readFromAxis(array, axis + 1, base + row * stride, stride * rows);
    }
    return;
  }
  const windowRows = Math.max(1, Math.min(rows, Math.floor(limits.windowBytes / rowBytes)));
  for (let first = 0; first < rows; first += windowRows) {
    const count = Math.min(windowRows, rows - first);
    const window = new Uint8Array(count * rowBytes);
    await fillWindow(array, { base, stride, rows, first, count, rest }, window);
    for (let offset = 0; offset < window.length; offset += limits.chunkBytes) {
      yield window.subarray(offset, offset + limits.chunkBytes);
    }
  }
}

/** Rows [first, first + count) of an axis, for every combination of the axes after it. */
interface Run {
  /** Element offset of the sub-array in the array. */
  base: number;
  /** Number of elements between neighbours on the axis. */
  stride: number;
  /** Length of the axis. */
  rows: number;
  first: number;
  count: number;
  /** Sizes of the axes after this one. */
  rest: readonly number[];
}

async function fillWindow(array: Transposition, run: Run, window: Uint8Array): Promise<void> {
  const { source, elementBytes, limits } = array;
  const { base, stride, rows, first, count, rest } = run;
  const columns = countElements(rest);
  const whole = count === rows;
  const last = base + (first + count - 1 + (columns - 1) * rows) * stride;
  const digits = rest.map(() => 0);
  const steps = rest.map((_, axis) => countElements(rest.slice(axis + 1)));
  let piece: Uint8Array = new Uint8Array(0);
  let pieceStart = 0;
  let pieceEnd = 0;
  let column = 0;
  for (let columnInFile = 0; columnInFile < columns; columnInFile++) {
    const runStart = base + (first + columnInFile * rows) * stride;
    const runEnd = runStart + (count - 1) * stride + 1;
    for (let row = 0; row < count;) {
      const element = runStart + row * stride;
      if (element >= pieceEnd) {
        // Whole axes follow each other without a gap, so the piece may continue into the next columns.
        const limit = whole ? last + 1 : runEnd;
        pieceStart = element;
        pieceEnd = Math.min(limit, element + Math.floor(limits.chunkBytes / elementBytes));
        const bytes = (pieceEnd - pieceStart) * elementBytes;
        piece = await source.read(pieceStart * elementBytes, bytes);
      }
      const ready = Math.min(count, row + Math.ceil((pieceEnd - element) / stride));
      copyStrided(
        piece,
        (element - pieceStart) * elementBytes,
        stride * elementBytes,
        window,
        (row * columns + column) * elementBytes,
        columns * elementBytes,
        ready - row,
        elementBytes,
      );
      row = ready;
    }
    column = nextColumn(digits, rest, steps, column);
  }
}

/** Copies `count` elements between two buffers, each with a constant distance between its elements. */
function copyStrided(
  from: Uint8Array,
  fromStart: number,
  fromStep: number,
  to: Uint8Array,
  toStart: number,
  toStep: number,
  count: number,
  elementBytes: number,
): void {
  for (let index = 0; index < count; index++) {
    const source = fromStart + index * fromStep;
    const target = toStart + index * toStep;
    // Both ranges have room for `count` elements, so the index is valid.
    for (let byte = 0; byte < elementBytes; byte++) to[target + byte] = from[source + byte]!;
  }
}

/** Increases the index `digits` by one in column-major order and returns its row-major number. */
function nextColumn(
  digits: number[],
  sizes: readonly number[],
  steps: readonly number[],
  column: number,
): number {
  let next = column;
  for (let axis = 0; axis < sizes.length; axis++) {
    const digit = (digits[axis] ?? 0) + 1;
    const size = sizes[axis] ?? 1;
    const step = steps[axis] ?? 1;
    if (digit < size) {
      digits[axis] = digit;
      return next + step;
    }
    digits[axis] = 0;
    next -= (size - 1) * step;
  }
  return next;
}
