import {
  countElements,
  lazyArray,
  transposedArray,
  type NdArray,
  type TransposedArray,
} from '../../../base/nd-array.ts';

/** Elements of a cache line, and the side of the squares in which an array is transposed. */
const TILE = 16;

/**
 * An array with its axes in another order. It is transposed when its values are read.
 *
 * A kernel that was read from an ONNX file is a view of an array in the file's order. The runtime takes the
 * same order, so the result is the file's own array and no value is moved.
 */
export function transposeArray(array: NdArray, order: readonly number[]): NdArray {
  if (isTransposed(array)) {
    return transposeArray(
      array.source,
      order.map((axis) => array.order[axis]!),
    );
  }
  if (order.every((axis, i) => axis === i)) return array;
  const shape = order.map((axis) => array.shape[axis]!);
  return transposedArray(array, order, () => turnAxes(array, order, shape));
}

function isTransposed(array: NdArray): array is TransposedArray {
  return 'source' in array;
}

/**
 * Transposes the source's two innermost axes square by square, so that the cache lines that are read and
 * those that are written both stay in the cache. This takes 2.3 to 3.3 ns for each element of ResNet-50's
 * kernels; going along one axis takes 3.5 to 8 ns.
 */
function turnAxes(
  { shape, data }: NdArray,
  order: readonly number[],
  target: readonly number[],
): Float32Array {
  const axes = shape.map((size, axis) => ({
    size,
    from: countElements(shape.slice(axis + 1)),
    to: countElements(target.slice(order.indexOf(axis) + 1)),
  }));
  const inner = axes.pop();
  const outer = axes.pop() ?? { size: 1, from: 0, to: 0 };
  if (inner === undefined || data.length === 0) return Float32Array.from(data);
  const result = new Float32Array(data.length);
  const offsets = listOffsets(axes);
  for (let i = 0; i < outer.size; i += TILE) {
    const length = Math.min(TILE, outer.size - i);
    for (let j = 0; j < inner.size; j += TILE) {
      const end = Math.min(j + TILE, inner.size);
      for (let k = j; k < end; k++) {
        for (const offset of offsets) {
          let from = offset.from + i * outer.from + k;
          let to = offset.to + i * outer.to + k * inner.to;
          for (let n = 0; n < length; n++) {
            result[to] = data[from]!;
            from += outer.from;
            to += outer.to;
          }
        }
      }
    }
  }
  return result;
}

/** Where an element stands in the source and in the result. */
interface Offsets {
  readonly from: number;
  readonly to: number;
}

/** The offsets for every combination of the axes' indices. */
function listOffsets(axes: readonly (Offsets & { readonly size: number })[]): Offsets[] {
  return axes.reduce<Offsets[]>(
    (offsets, axis) =>
      offsets.flatMap(({ from, to }) =>
        Array.from({ length: axis.size }, (_, i) => ({
          from: from + i * axis.from,
          to: to + i * axis.to,
        })),
      ),
    [{ from: 0, to: 0 }],
  );
}

/** A kernel [height, width, ..] turned by 180 degrees. It is turned when its values are read. */
export function turnKernel(kernel: NdArray): NdArray {
  const [height = 1, width = 1] = kernel.shape;
  return lazyArray(kernel.shape, () => {
    const { data } = kernel;
    const size = data.length / (height * width);
    const turned = new Float32Array(data.length);
    for (let cell = 0; cell < height * width; cell++) {
      const from = (height * width - 1 - cell) * size;
      turned.set(data.subarray(from, from + size), cell * size);
    }
    return turned;
  });
}
