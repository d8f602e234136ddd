import type { RgbImage } from '@gradcam/core';
import type { Patch } from './edit.ts';

/** Three means in a row are close to a Gaussian, as in SVG 1.1, `feGaussianBlur`. */
const PASSES = 3;

/**
 * How far a mean reaches to each side, for a patch: a sixth of its shorter side. The standard deviation of
 * three such means is `sqrt(reach * (reach + 1))`, about a sixth of the side too, which leaves the colours of
 * the patch and none of its details.
 */
export function blurReach({ width, height }: Patch): number {
  return Math.max(1, Math.round(Math.min(width, height) / 6));
}

/**
 * Blurs the part of an image in a patch, with the pixels around the patch and with the image's border
 * repeated: the mean of `2 * blurReach(patch) + 1` pixels along each axis, three times. It takes the same
 * time for any reach.
 *
 * @param image with three channels.
 * @returns the pixels of the patch, row by row, three bytes each.
 */
export function blurPatch(image: RgbImage, patch: Patch): Uint8Array {
  const reach = blurReach(patch);
  const margin = PASSES * reach;
  // Pixels outside this part have no effect on the patch.
  const [left, top] = [Math.max(0, patch.x - margin), Math.max(0, patch.y - margin)];
  const width = Math.min(image.width, patch.x + patch.width + margin) - left;
  const height = Math.min(image.height, patch.y + patch.height + margin) - top;
  const blurred = new Uint8Array(3 * patch.width * patch.height);
  for (let c = 0; c < 3; c++) {
    let values = new Float64Array(width * height);
    for (let i = 0; i < values.length; i++) {
      const [x, y] = [left + (i % width), top + Math.floor(i / width)];
      values[i] = image.data[3 * (y * image.width + x) + c]!;
    }
    for (let pass = 0; pass < PASSES; pass++) {
      values = meanAlong(values, { lines: height, line: width, step: 1, next: width, reach });
      values = meanAlong(values, { lines: width, line: height, step: width, next: 1, reach });
    }
    for (let y = 0; y < patch.height; y++) {
      for (let x = 0; x < patch.width; x++) {
        const value = values[(patch.y - top + y) * width + patch.x - left + x]!;
        blurred[3 * (y * patch.width + x) + c] = Math.round(value);
      }
    }
  }
  return blurred;
}

/**
 * The mean of the `2 * reach + 1` neighbours of each value along its line, by a running sum. A line's values
 * are `step` apart, and the next line begins `next` further.
 */
function meanAlong(
  values: Float64Array,
  { lines, line, step, next, reach }: Record<'lines' | 'line' | 'step' | 'next' | 'reach', number>,
): Float64Array<ArrayBuffer> {
  const means = new Float64Array(values.length);
  for (let l = 0; l < lines; l++) {
    const at = (i: number): number => values[l * next + Math.min(line - 1, Math.max(0, i)) * step]!;
    let sum = 0;
    for (let i = -reach; i <= reach; i++) sum += at(i);
    for (let i = 0; i < line; i++) {
      means[l * next + i * step] = sum / (2 * reach + 1);
      sum += at(i + reach + 1) - at(i - reach);
    }
  }
  return means;
}
