import type { NdArray } from '../base/nd-array.ts';
import { createDisplayMap, type DisplayMap } from './display-map.ts';
import type { Geometry } from './geometry.ts';
import { mergeChannels, sumChannels } from './pixel-map.ts';
import { robustScale, type RobustScale } from './robust-scale.ts';

/**
 * The ways to draw a map that has a value for each channel of each pixel. `colour`: each value as the
 * colour that it stands for, on gray, as the papers of guided backpropagation and Grad-CAM show
 * gradients. `signed`: the sum of the channels, red for the score and blue against it. `magnitude`: the
 * largest magnitude of the channels in a colormap.
 */
export const gradientStyles = ['colour', 'signed', 'magnitude'] as const;

export type GradientStyle = (typeof gradientStyles)[number];

/** A map at pixels, ready to be drawn in one channel. */
export interface GradientMap {
  readonly map: DisplayMap;
  readonly scale: RobustScale;
}

/** The magnitude that a style draws at full strength, see {@link robustScale}. */
export function gradientScale(raw: NdArray, style: GradientStyle): RobustScale {
  return robustScale(drawnValues(raw, style).data);
}

/**
 * A map at pixels over the original image in one channel: -1..1 for `signed`, 0..1 for `magnitude`.
 * Values are divided by {@link gradientScale}; larger ones are drawn at full strength.
 *
 * @param raw [height, width, channels], of any sign.
 */
export function createGradientMap(
  raw: NdArray,
  style: Exclude<GradientStyle, 'colour'>,
  geometry: Geometry,
): GradientMap {
  const drawn = drawnValues(raw, style);
  const scale = robustScale(drawn.data);
  return { map: createDisplayMap(drawn, false, geometry, scale.value), scale };
}

function drawnValues(raw: NdArray, style: GradientStyle): NdArray {
  if (style === 'colour') return raw;
  return style === 'signed' ? sumChannels(raw) : mergeChannels(raw);
}
