import type { NdArray } from '../base/nd-array.ts';
import { resampleImage, resampleTaps } from '../image/resample.ts';

/** How steeply small values are raised before the maximum: the paper's gamma. */
const GAMMA = 2;

/**
 * Maps of several layers as one: of each its positive part, divided by its maximum and raised by
 * tanh(2 m), enlarged to the finest grid (half-pixel bilinear), then the largest in each cell.
 *
 * Layers differ in size by orders of magnitude, so they are scaled before they are compared; the
 * paper scales the maps of shallow layers, here all are, so that no layer wins by where it stands. A
 * map without a positive value gives nothing.
 *
 * @param maps raw [rows, columns], before the ReLU.
 * @returns [most rows, most columns], from 0 to tanh(2) = 0.964.
 * @see Jiang et al. 2021, IEEE TIP 30, equation 9
 */
export function fuseMaps(maps: readonly NdArray[]): NdArray {
  const rows = Math.max(...maps.map(({ shape }) => shape[0]!));
  const columns = Math.max(...maps.map(({ shape }) => shape[1]!));
  const data = new Float32Array(rows * columns);
  for (const map of maps) {
    enlarge(scale(map), rows, columns).forEach((value, i) => {
      data[i] = Math.max(data[i]!, value);
    });
  }
  return { shape: [rows, columns], data };
}

function scale({ shape, data }: NdArray): NdArray {
  const largest = data.reduce((most, value) => Math.max(most, value), 0);
  if (largest === 0) return { shape, data: new Float32Array(data.length) };
  return { shape, data: data.map((value) => Math.tanh((GAMMA * Math.max(0, value)) / largest)) };
}

function enlarge({ shape, data }: NdArray, rows: number, columns: number): Float32Array {
  const [height, width] = shape as [number, number];
  if (height === rows && width === columns) return data;
  const down = resampleTaps(height, { start: 0, length: height }, rows);
  const across = resampleTaps(width, { start: 0, length: width }, columns);
  return resampleImage({ width, height, channels: 1, data }, down, across);
}
