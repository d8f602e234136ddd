import {
  renderSignedHeatmap,
  renderSignedOverlay,
  type DisplayMap,
  type RgbImage,
} from '@gradcam/core';
import type { Pixels } from './paint.ts';

/**
 * The difference of two displayed maps, pixel by pixel: first minus second. Each is a share of its own
 * maximum, so the difference is in -1..1. A pixel is visible where it is visible in both maps.
 *
 * @throws RangeError when the sizes differ.
 */
export function subtractMaps(first: DisplayMap, second: DisplayMap): DisplayMap {
  const { width, height } = first;
  if (second.width !== width || second.height !== height) {
    throw new RangeError(
      `maps of different sizes: ${width} x ${height} and ${second.width} x ${second.height}`,
    );
  }
  return {
    ...first,
    values: first.values.map((value, i) => value - second.values[i]!),
    visible: first.visible.map((isVisible, i) => isVisible & second.visible[i]!),
  };
}

/**
 * Draws a difference over the image in grays: red where the first map is larger, blue where the second is.
 * Without an image it draws the difference alone.
 */
export function paintDifference(
  difference: DisplayMap,
  original: Pixels | null,
  opacity: number,
): Pixels {
  const { width, height } = difference;
  const drawn =
    original === null
      ? renderSignedHeatmap(difference)
      : renderSignedOverlay(toGray(original), difference, opacity);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < drawn.channels; c++) data[4 * i + c] = drawn.data[drawn.channels * i + c]!;
    if (drawn.channels === 3) data[4 * i + 3] = 255;
  }
  return { width, height, data };
}

/** Luma of Rec. 601. The image is made gray so that red and blue can only come from the difference. */
function toGray({ width, height, data }: Pixels): RgbImage {
  const gray = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const luma = 0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!;
    gray.fill(Math.round(luma), 3 * i, 3 * i + 3);
  }
  return { width, height, channels: 3, data: gray };
}
