import type { NdArray } from '../base/nd-array.ts';
import { resampleImage, resampleTaps } from './resample.ts';

/**
 * Brings a map to the size of the model's input: bilinear with half-pixel centres, the edge repeated.
 *
 * @param map [rows, columns].
 * @param output memory for the result; default new memory.
 * @returns [height * width].
 */
export function enlargeMap(
  { shape, data }: NdArray,
  [height, width]: readonly [height: number, width: number],
  output?: Float32Array,
): Float32Array {
  const [rows = 1, columns = 1] = shape;
  const down = resampleTaps(rows, { start: 0, length: rows }, height);
  const across = resampleTaps(columns, { start: 0, length: columns }, width);
  return resampleImage({ width: columns, height: rows, channels: 1, data }, down, across, output);
}
