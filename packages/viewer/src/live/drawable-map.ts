import {
  aboveNothing,
  createDisplayMap,
  createGradientMap,
  mergeChannels,
  type Geometry,
  type NdArray,
} from '@gradcam/core';
import { scaleGeometry } from '../map/geometry.ts';
import type { MapData } from '../map/map-data.ts';
import type { Pixels } from '../map/paint.ts';

/**
 * Prepares a map that was computed on this page to be drawn over a copy of its image.
 *
 * @param raw [rows, columns], or with a third axis of colours.
 * @param original the image at any size, with the same aspect ratio.
 */
export function makeDrawable(
  map: { readonly raw: NdArray; readonly relu: boolean; readonly nothing?: number | undefined },
  geometry: Geometry,
  original: Pixels,
): MapData {
  const gradient = map.raw.shape.length === 3 ? map.raw : null;
  const raw = mergeChannels(map.raw);
  const { width, height } = original;
  const scaled = scaleGeometry(geometry, width / geometry.image.width);
  const drawn = { ...scaled, image: { width, height } };
  return {
    raw,
    gradient,
    relu: map.relu,
    geometry: drawn,
    nothing: map.nothing,
    smooth:
      gradient === null
        ? createDisplayMap(aboveNothing(raw, map.nothing), map.relu, drawn)
        : createGradientMap(gradient, 'magnitude', drawn).map,
    original,
  };
}

/** Returns a smaller copy of a picture. Each of its pixels is the mean of the pixels that it replaces. */
export function shrinkPixels({ width, height, data }: Pixels, maxSide: number): Pixels {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / maxSide));
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const small = new Uint8ClampedArray(columns * rows * 4);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [right, bottom] = [
        Math.min(width, (column + 1) * step),
        Math.min(height, (row + 1) * step),
      ];
      const sums = [0, 0, 0];
      let count = 0;
      for (let y = row * step; y < bottom; y++) {
        for (let x = column * step; x < right; x++) {
          for (let c = 0; c < 3; c++) sums[c]! += data[(y * width + x) * 4 + c]!;
          count += 1;
        }
      }
      const at = (row * columns + column) * 4;
      for (let c = 0; c < 3; c++) small[at + c] = sums[c]! / count;
      small[at + 3] = 255;
    }
  }
  return { width: columns, height: rows, data: small };
}
