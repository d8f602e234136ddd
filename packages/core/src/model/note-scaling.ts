import type { OwnScaling } from '../readers/beside/own-scaling.ts';
import type { Told } from '../readers/beside/resolve-sidecars.ts';
import type { ModelOverrides } from './description.ts';

/** Says which first layers scale the pixels. */
export function sayScaling({ layers, range, isWhole }: OwnScaling): string {
  if (isWhole === true) {
    return `the model's input ${layers.join(', ')}, which takes whole numbers: pixels go in as ${range}`;
  }
  const [what, does] = layers.length === 1 ? ['layer', 'scales'] : ['layers', 'scale'];
  return `the model's first ${what} (${layers.join(', ')}), which ${does} pixels: they go in as ${range}`;
}

/** Warns where an input takes whole numbers but pixels have a small range, so that nearly all become 0. */
export function noteCutPixels(
  { layers }: OwnScaling,
  { inputRange, mean, std }: ModelOverrides,
  { pixels }: Told,
): string[] {
  const isStated = inputRange !== undefined || mean !== undefined || std !== undefined;
  const white = pixels === undefined ? 255 : (255 * pixels.scale) / Math.max(...pixels.std);
  const isSmall = isStated ? inputRange !== undefined && inputRange !== '0..255' : white < 128;
  if (!isSmall) return [];
  return [
    `input ${layers.join(', ')} takes whole numbers, and its pixels are rounded to them, which leaves little of a small range (--input-range=0..255 gives it all)`,
  ];
}
