import type { NdArray } from '../../base/nd-array.ts';
import type { Fixation } from './unravel.ts';

/** Neighbours lie within this share of the picture's diagonal. */
const REACH = 0.1;
/** A point stays if more than this share of all points are its neighbours, itself included. */
const LEAST_SHARE = 0.05;
/** The deviation of the blur, in pixels of the model's input. */
const DEVIATION = 20;
/** Beyond six deviations a Gaussian is 1.5e-8 of its peak, less than float32 holds. */
const BLUR_REACH = 6 * DEVIATION;

/**
 * Leaves out points that lie alone: a point stays if more than 5 % of all points lie within a tenth of the
 * diagonal of it. Where every point lies alone, all stay.
 *
 * @see `outlier_removal` of the authors' `utils.py`
 */
export function removeOutliers(
  points: readonly Fixation[],
  [height, width]: readonly [number, number],
): Fixation[] {
  const reach = REACH * Math.sqrt(height ** 2 + width ** 2);
  const total = points.reduce((sum, { count }) => sum + count, 0);
  const kept = points.filter((point) => {
    let near = 0;
    for (const { row, column, count } of points) {
      const distance = Math.sqrt((row - point.row) ** 2 + (column - point.column) ** 2);
      if (distance < reach) near += count;
    }
    return near > LEAST_SHARE * total;
  });
  return kept.length > 0 ? kept : [...points];
}

/**
 * The points as a map: their counts, blurred by a Gaussian of 20 pixels whose window is the largest odd
 * number of pixels on the shorter side. At the border the picture is mirrored.
 *
 * The authors scale the map to 0..255; here its values stay as they are.
 *
 * @returns [height, width], at least 0.
 * @see `heatmap` of the authors' `utils.py`, which calls OpenCV's `GaussianBlur`
 */
export function blurFixations(
  points: readonly Fixation[],
  [height, width]: readonly [number, number],
): NdArray {
  const shortest = Math.min(height, width);
  const window = shortest % 2 === 1 ? shortest : shortest - 1;
  const kernel = gaussian(Math.min(window, 2 * BLUR_REACH + 1));
  const counts = new Float64Array(height * width);
  for (const { row, column, count } of points) counts[row * width + column]! += count;
  const across = new Float64Array(height * width);
  for (const row of new Set(points.map((point) => point.row))) {
    for (let x = 0; x < width; x++) {
      across[row * width + x] = filterAt(kernel, x, width, (at) => counts[row * width + at]!);
    }
  }
  const data = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[y * width + x] = filterAt(kernel, y, height, (at) => across[at * width + x]!);
    }
  }
  return { shape: [height, width], data };
}

function gaussian(size: number): Float64Array {
  const middle = (size - 1) / 2;
  const taps = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-0.5 * ((i - middle) / DEVIATION) ** 2),
  );
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

function filterAt(
  kernel: Float64Array,
  place: number,
  size: number,
  valueAt: (at: number) => number,
): number {
  const middle = (kernel.length - 1) / 2;
  let sum = 0;
  for (let tap = 0; tap < kernel.length; tap++) {
    const at = Math.abs(place + tap - middle);
    sum += kernel[tap]! * valueAt(at < size ? at : 2 * (size - 1) - at);
  }
  return sum;
}
