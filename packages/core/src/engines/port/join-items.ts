import { countElements, type NdArray } from '../../base/nd-array.ts';

/** Arrays [n, ..] one after the other along their batch axis. The rest of their shapes must be the same. */
export function joinItems(items: readonly NdArray[]): NdArray {
  const [, ...shape] = items[0]!.shape;
  const count = items.reduce((sum, item) => sum + item.shape[0]!, 0);
  const data = new Float32Array(count * countElements(shape));
  let start = 0;
  for (const item of items) {
    data.set(item.data, start);
    start += item.data.length;
  }
  return { shape: [count, ...shape], data };
}

/** One item of a batch, with a batch axis of 1; aliases the batch's data. */
export function takeItem({ shape, data }: NdArray, item: number): NdArray {
  const rest = shape.slice(1);
  const size = countElements(rest);
  return { shape: [1, ...rest], data: data.subarray(item * size, (item + 1) * size) };
}
