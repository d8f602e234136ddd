import type { NdArray } from '../base/nd-array.ts';
import { visibleRegion, type Geometry } from './geometry.ts';
import { resampleImage, resampleTaps } from './resample.ts';

/** A map over the original image, ready to be coloured. */
export interface DisplayMap {
  readonly width: number;
  readonly height: number;
  /** Row-major, 0..1, or -1..1 for a signed map; 0 where the model did not see the image. */
  readonly values: Float32Array;
  /** 1 where the model saw the image; 0 elsewhere, where the map is transparent. */
  readonly visible: Uint8Array;
}

/**
 * Brings a raw map to the original image: ReLU where the method has one, bilinear resize with half-pixel
 * centres, then division by the largest magnitude of the raw map.
 *
 * A map of zeros stays zero.
 *
 * @param raw [rows, columns] at layer resolution.
 * @param relu whether negative values become 0, before the resize, as in the paper.
 * @param full the raw magnitude that becomes 1; larger ones are cut to it. Default: the largest, so
 *   that none is cut.
 */
export function createDisplayMap(
  raw: NdArray,
  relu: boolean,
  geometry: Geometry,
  full?: number,
): DisplayMap {
  const { width, height } = geometry.image;
  const data = relu ? raw.data.map((value) => Math.max(0, value)) : raw.data;
  const largest = full ?? data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const values = placeOverImage({ shape: raw.shape, data }, geometry);
  for (let i = 0; i < values.length; i++) values[i] = largest > 0 ? values[i]! / largest : 0;
  if (full !== undefined) {
    for (let i = 0; i < values.length; i++) values[i] = Math.max(-1, Math.min(1, values[i]!));
  }
  const visible = markVisible(geometry);
  // Most maps are visible everywhere, so whole stretches are searched for and cleared.
  for (let i = visible.indexOf(0); i >= 0; i = visible.indexOf(0, i)) {
    const next = visible.indexOf(1, i);
    const end = next < 0 ? visible.length : next;
    values.fill(0, i, end);
    i = end;
  }
  return { width, height, values, visible };
}

/**
 * Brings a grid of values to the original image: bilinear with half-pixel centres, the edge repeated.
 * Values are not changed where the model did not see the image; see {@link markVisible}.
 *
 * @param grid [rows, columns] or [rows, columns, channels].
 * @returns [height * width * channels] of the original image.
 */
export function placeOverImage({ shape, data }: NdArray, geometry: Geometry): Float32Array {
  const [rows, columns, channels = 1] = shape as [number, number, number?];
  const { width, height } = geometry.image;
  const across = resampleTaps(columns, viewInCells(geometry, 'x', columns), width);
  const down = resampleTaps(rows, viewInCells(geometry, 'y', rows), height);
  return resampleImage({ width: columns, height: rows, channels, data }, down, across);
}

/** The extent of the original image along one axis of the grid, in cells. */
function viewInCells(
  { image, view }: Geometry,
  axis: 'x' | 'y',
  cells: number,
): { start: number; length: number } {
  const extent = axis === 'x' ? 'width' : 'height';
  const perPixel = cells / view[extent];
  return { start: -view[axis] * perPixel, length: image[extent] * perPixel };
}

/** For each pixel of the original image, row by row: 1 where the model saw it, 0 elsewhere. */
export function markVisible(geometry: Geometry): Uint8Array {
  const { width, height } = geometry.image;
  const region = visibleRegion(geometry);
  const visible = new Uint8Array(width * height);
  // A pixel is visible when its centre is visible.
  const first = (start: number): number => Math.ceil(start - 0.5);
  const top = first(region.y);
  const bottom = first(region.y + region.height);
  for (let y = top; y < bottom; y++) {
    visible.fill(1, y * width + first(region.x), y * width + first(region.x + region.width));
  }
  return visible;
}
