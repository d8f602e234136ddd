import {
  createGradientMap,
  renderGradient,
  renderSignedHeatmap,
  renderSignedOverlay,
  type Geometry,
  type GradientStyle,
  type NdArray,
  type RgbImage,
} from '@gradcam/core';
import { paintMap, type Colours, type Pixels } from './paint.ts';

/**
 * Draws a map at pixels as the command does: in its own colours, which stand in the place of the image;
 * or over the image as the sum of its channels in red and blue, or as their largest magnitude in a
 * colormap.
 *
 * @param raw [height, width, channels] in RGB.
 * @param original the image at the geometry's size; null draws the map alone.
 */
export function paintGradient(
  raw: NdArray,
  geometry: Geometry,
  original: Pixels | null,
  style: GradientStyle,
  colours: Omit<Colours, 'gradients'>,
): Pixels {
  if (style === 'colour') return toPixels(renderGradient(raw, geometry), original);
  const { map } = createGradientMap(raw, style, geometry);
  if (style === 'magnitude') return paintMap(map, original, colours);
  if (original === null) return toPixels(renderSignedHeatmap(map), null);
  return toPixels(renderSignedOverlay(toRgb(original), map, colours.opacity), null);
}

/** The picture as RGBA; where it is transparent, the pixels below it. */
function toPixels(
  { width, height, channels, data: drawn }: RgbImage,
  below: Pixels | null,
): Pixels {
  const data = below === null ? new Uint8ClampedArray(width * height * 4) : below.data.slice();
  for (let i = 0; i < width * height; i++) {
    const alpha = channels === 4 ? drawn[i * 4 + 3]! : 255;
    if (alpha === 0) continue;
    for (let c = 0; c < 3; c++) data[i * 4 + c] = drawn[i * channels + c]!;
    data[i * 4 + 3] = alpha;
  }
  return { width, height, data };
}

function toRgb({ width, height, data: rgba }: Pixels): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) data[i * 3 + c] = rgba[i * 4 + c]!;
  }
  return { width, height, channels: 3, data };
}
