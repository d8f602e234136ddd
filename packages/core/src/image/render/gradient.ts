import type { NdArray } from '../../base/nd-array.ts';
import { markVisible, placeOverImage } from '../display-map.ts';
import type { Geometry } from '../geometry.ts';
import { gradientScale } from '../gradient-style.ts';
import type { RgbImage } from '../rgb-image.ts';
import type { RobustScale } from '../robust-scale.ts';
import { compositeOnWhite } from '../prepare-input.ts';

/** The byte of 0 in {@link renderGradient}: half of 255, rounded up. */
export const GRADIENT_GRAY = 128;

/**
 * Draws a map at pixels as a coloured picture: each channel of each pixel is 127.5 (1 + v / s), with v
 * the map's value and s the magnitude of `gradientScale(raw, 'colour')`. So zero is gray, a positive
 * value brightens its colour, a negative one darkens it, and magnitudes above s are cut. A map without
 * negative values is drawn as 255 v / s, where zero is black. Between the pixels of the model's input
 * values are interpolated. Pixels that the model did not see are transparent. RGBA.
 *
 * @param raw [height, width, 3] in RGB, or with 1 channel, which is drawn in grays.
 * @param scale what is drawn at full strength, where the caller knows it already.
 */
export function renderGradient(
  raw: NdArray,
  geometry: Geometry,
  { value: scale }: RobustScale = gradientScale(raw, 'colour'),
): RgbImage {
  const { width, height } = geometry.image;
  const channels = raw.shape[2] ?? 1;
  const values = placeOverImage(raw, geometry);
  const visible = markVisible(geometry);
  const [zero, span] = hasNegative(raw) ? [127.5, 127.5] : [0, 255];
  const strength = scale > 0 ? span / scale : 0;
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < visible.length; i++) {
    if (visible[i] === 0) continue;
    for (let c = 0; c < 3; c++) {
      const level = zero + strength * values[i * channels + Math.min(c, channels - 1)]!;
      // The array truncates. For values of at least 0, adding 0.5 first rounds halves up.
      data[i * 4 + c] = Math.min(255, Math.max(0, level)) + 0.5;
    }
    data[i * 4 + 3] = 255;
  }
  return { width, height, channels: 4, data };
}

/** Whether {@link renderGradient} draws zero as gray; otherwise it is black. */
export function hasNegative({ data }: NdArray): boolean {
  return data.some((value) => value < 0);
}

/**
 * The picture of {@link renderGradient} in the place of the image; where the model did not see the image,
 * the image. The picture is not mixed with the image, whose colours would be taken for those of the map.
 * RGB.
 *
 * @param image of the geometry's size, RGB or RGBA (alpha is composited on white).
 * @throws RangeError when the sizes differ.
 */
export function renderGradientOver(
  image: RgbImage,
  raw: NdArray,
  geometry: Geometry,
  scale?: RobustScale,
): RgbImage {
  const { width, height } = geometry.image;
  if (image.width !== width || image.height !== height) {
    throw new RangeError(
      `gradient: a map over ${width}x${height} does not fit the image of ${image.width}x${image.height}`,
    );
  }
  const drawn = renderGradient(raw, geometry, scale).data;
  const data = Uint8Array.from(compositeOnWhite(image).data);
  for (let i = 0; i < width * height; i++) {
    if (drawn[i * 4 + 3] === 0) continue;
    for (let c = 0; c < 3; c++) data[i * 3 + c] = drawn[i * 4 + c]!;
  }
  return { width, height, channels: 3, data };
}
