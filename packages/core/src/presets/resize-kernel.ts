import { resampleImage, type Taps } from '../image/resample.ts';
import type { Values } from './values.ts';

/**
 * How a peer enlarges its map:
 * - `half-pixel`: bilinear between the centres of cells, the edge repeated (OpenCV, `align_corners=False`).
 * - `align-corners`: bilinear with the corner cells' centres on the corner pixels (SciPy's `zoom`).
 * - `legacy`: bilinear between the upper left corners of cells (tfjs's default), which shifts by half a cell.
 * - `nearest`: each cell becomes a block.
 * - `bicubic`: as in Pillow, with a = -0.5; it overshoots.
 * - `half-pixel-zero-border`: as `half-pixel`, but with zeros around the map; the result is limited to the
 *   map's own range (scikit-image before 0.15, `mode='constant'`).
 */
export type ResizeKernel =
  'half-pixel' | 'align-corners' | 'legacy' | 'nearest' | 'bicubic' | 'half-pixel-zero-border';

/** Resizes a map with a peer's kernel. */
export function resizeLike(
  map: Values,
  kernel: ResizeKernel,
  size: { readonly width: number; readonly height: number },
): Values {
  const down = listTaps(kernel, map.rows, size.height);
  const across = listTaps(kernel, map.columns, size.width);
  const { rows: height, columns: width, channels, data } = map;
  const resized = Float64Array.from(resampleImage({ width, height, channels, data }, down, across));
  return {
    rows: size.height,
    columns: size.width,
    channels,
    data: kernel === 'half-pixel-zero-border' ? cutToRange(resized, data) : resized,
  };
}

function listTaps(kernel: ResizeKernel, from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to - 0.5;
    switch (kernel) {
      case 'half-pixel':
        return interpolate(clampTo(centre, from), from);
      case 'half-pixel-zero-border':
        return interpolate(centre, from);
      case 'align-corners':
        // A single pixel cannot align with two corners, so it shows the first cell.
        return interpolate(to === 1 ? 0 : (i * (from - 1)) / (to - 1), from);
      case 'legacy':
        return interpolate(clampTo((i * from) / to, from), from);
      case 'nearest':
        return { start: Math.floor((i * from) / to), weights: Float64Array.of(1) };
      case 'bicubic':
        return interpolateCubic(i, from, to);
    }
  });
}

function clampTo(position: number, from: number): number {
  return Math.min(from - 1, Math.max(0, position));
}

/** The two cells around a position. Cells outside the map are zeros, which need no weight. */
function interpolate(position: number, from: number): Taps {
  const first = Math.floor(position);
  const share = position - first;
  if (first < 0) return { start: 0, weights: Float64Array.of(share) };
  if (share === 0) return { start: first, weights: Float64Array.of(1) };
  if (first + 1 >= from) return { start: first, weights: Float64Array.of(1 - share) };
  return { start: first, weights: Float64Array.of(1 - share, share) };
}

/** As in Pillow: reducing widens the kernel, and at the edge the weights of the available cells sum to 1. */
function interpolateCubic(i: number, from: number, to: number): Taps {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const centre = (i + 0.5) * scale;
  const start = Math.max(0, Math.floor(centre - 2 * stretch + 0.5));
  const end = Math.min(from, Math.floor(centre + 2 * stretch + 0.5));
  const weights = Float64Array.from({ length: end - start }, (_, j) =>
    cubic((start + j + 0.5 - centre) / stretch),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { start, weights: weights.map((weight) => weight / sum) };
}

/** The cubic convolution kernel with a = -0.5 (Keys 1981). */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  if (x < 2) return -0.5 * (x ** 3 - 5 * x ** 2 + 8 * x - 4);
  return 0;
}

function cutToRange(values: Float64Array, range: Float64Array): Float64Array {
  const smallest = range.reduce((min, value) => Math.min(min, value), Infinity);
  const largest = range.reduce((max, value) => Math.max(max, value), -Infinity);
  return values.map((value) => Math.min(largest, Math.max(smallest, value)));
}
