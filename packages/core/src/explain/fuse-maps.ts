import type { NdArray } from '../base/nd-array.ts';
import { resampleImage, resampleTaps } from '../image/resample.ts';

/** How strongly small values are raised before the maximum is taken: the paper's gamma. */
const GAMMA = 2;

/**
 * Fuses the maps of several layers into one. The positive part m of each map is divided by its maximum,
 * raised by tanh(2 m) and enlarged to the finest grid (half-pixel bilinear). Each cell of the result is the
 * maximum over all maps.
 *
 * Maps of different layers differ by orders of magnitude, so they are scaled before they are compared. The
 * paper scales the maps of shallow layers only; here all are scaled, so that no layer wins by its depth. A
 * map without a positive value adds nothing.
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
