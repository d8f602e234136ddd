import { countElements, type NdArray } from '../../array/nd-array.ts';

/** Copies an array with its axes in another order. */
export function transposeArray({ shape, data }: NdArray, order: readonly number[]): NdArray {
  const strides = shape.map((_, axis) => countElements(shape.slice(axis + 1)));
  const target = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const result = new Float32Array(data.length);
  const index = target.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += steps[axis]!;
      if (index[axis]! < target[axis]!) break;
      from -= steps[axis]! * target[axis]!;
      index[axis] = 0;
    }
  }
  return { shape: target, data: result };
}

/** Turns a kernel [height, width, ..] by 180 degrees. */
export function turnKernel({ shape, data }: NdArray): NdArray {
  const [height = 1, width = 1] = shape;
  const size = data.length / (height * width);
  const turned = new Float32Array(data.length);
  for (let cell = 0; cell < height * width; cell++) {
    const from = (height * width - 1 - cell) * size;
    turned.set(data.subarray(from, from + size), cell * size);
  }
  return { shape, data: turned };
}
