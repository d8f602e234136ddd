/** A dense float32 array in row-major order; images and activations are NHWC. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Number of elements that a shape holds; 1 for a scalar's empty shape. */
export function countElements(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/**
 * Makes an array after checking that data and shape agree.
 *
 * The data is not copied.
 *
 * @throws RangeError when the element counts differ.
 */
export function createNdArray(shape: readonly number[], data: Float32Array): NdArray {
  const expected = countElements(shape);
  if (data.length !== expected) {
    throw new RangeError(
      `array of shape [${shape.join(', ')}] needs ${expected} values, got ${data.length}`,
    );
  }
  return { shape, data };
}

/**
 * An array whose values are computed by `make` each time they are read and kept by nobody. A kernel
 * that is rearranged only when it is written to a file is such an array.
 */
export function lazyArray(shape: readonly number[], make: () => Float32Array): NdArray {
  return {
    shape,
    get data() {
      return make();
    },
  };
}

/** An array whose values are read from a file, as a whole or part after part. Nobody keeps them. */
export interface DeferredArray extends NdArray {
  /** The values in order, a few MiB at a time. */
  parts(): Iterable<Float32Array>;
}

/**
 * The values of an array in order. Those of a {@link DeferredArray} come part after part, so that a kernel of
 * hundreds of megabytes is never whole in memory.
 */
export function partsOf(array: NdArray): Iterable<Float32Array> {
  return 'parts' in array ? (array as DeferredArray).parts() : [array.data];
}

/** An array that is another one with its axes in another order: axis i of it is axis `order[i]` there. */
export interface TransposedArray extends NdArray {
  readonly source: NdArray;
  readonly order: readonly number[];
}

/**
 * An array with its axes in another order. `make` moves the values when they are read; whoever needs the
 * source's own order takes the source, so that nothing is moved.
 */
export function transposedArray(
  source: NdArray,
  order: readonly number[],
  make: () => Float32Array,
): TransposedArray {
  const shape = order.map((axis) => source.shape[axis]!);
  return {
    ...{ shape, source, order },
    get data() {
      return make();
    },
  };
}

/**
 * The same values in another shape with the same number of elements. They are read only on access.
 */
export function reshaped(array: NdArray, shape: readonly number[]): NdArray {
  return lazyArray(shape, () => array.data);
}

/** Some items of a batch, one after the other; aliases the batch's data. */
export function batchItems(batch: NdArray, first: number, count: number): NdArray {
  const shape = batch.shape.slice(1);
  const size = countElements(shape);
  return {
    shape: [count, ...shape],
    data: batch.data.subarray(first * size, (first + count) * size),
  };
}

/** One item of a batch, without its batch axis; aliases the batch's data. */
export function batchItem(batch: NdArray, index: number): NdArray {
  const { shape, data } = batchItems(batch, index, 1);
  return { shape: shape.slice(1), data };
}

/** Index of the first value that is NaN or infinite; -1 where there is none. */
export function findNonFinite(values: ArrayLike<number>): number {
  const { length } = values;
  if (values instanceof Float32Array && areFinite(values)) return -1;
  let index = 0;
  while (index < length && values[index]! * 0 === 0) index++;
  return index < length ? index : -1;
}

/**
 * Adds up finite values times zero, four sums at a time: only other values make a sum NaN.
 *
 * The sums start at a fraction, each in a declaration of its own: where they start as whole numbers or come
 * out of an array, the loop takes four times as long wherever V8 compiles it into its caller.
 */
function areFinite(values: Float32Array): boolean {
  let a = 0.5;
  let b = 0.5;
  let c = 0.5;
  let d = 0.5;
  const end = values.length - (values.length % 4);
  for (let i = 0; i < end; i += 4) {
    a += values[i]! * 0;
    b += values[i + 1]! * 0;
    c += values[i + 2]! * 0;
    d += values[i + 3]! * 0;
  }
  for (let i = end; i < values.length; i++) a += values[i]! * 0;
  return a + b + c + d === 2;
}

/** Index of the first largest value; -1 where there is none (empty, or all NaN). */
export function argMax(values: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    if (best < 0 || value > values[best]!) best = i;
  }
  return best;
}
