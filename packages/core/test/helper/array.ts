import type { NdArray } from '../../src/base/nd-array.ts';

/** An array from nested lists. */
export function array(values: unknown): NdArray {
  const shape: number[] = [];
  for (let level = values; Array.isArray(level); level = level[0] as unknown) {
    shape.push(level.length);
  }
  const flat = shape.length === 0 ? [values] : (values as unknown[]).flat(Infinity);
  return { shape, data: Float32Array.from(flat as number[]) };
}

/** [channels, rows, columns], as PyTorch's goldens are written, to [rows, columns, channels]. */
export function channelsLast(maps: readonly (readonly (readonly number[])[])[]): NdArray {
  const rows = maps[0]!;
  return array(rows.map((row, y) => row.map((_, x) => maps.map((map) => map[y]![x]!))));
}

/** `item` repeated along a new batch axis, or along the batch axis it has. */
export function withBatch(item: NdArray, ...more: readonly NdArray[]): NdArray {
  const items = [item, ...more];
  const data = new Float32Array(items.reduce((sum, { data }) => sum + data.length, 0));
  let offset = 0;
  for (const { data: part } of items) {
    data.set(part, offset);
    offset += part.length;
  }
  return { shape: [items.length, ...item.shape], data };
}
