import type { DisplayMap } from '../display-map.ts';
import type { RgbImage } from '../rgb-image.ts';
import { mixOverlay } from './mix.ts';

/** The full colours of evidence for the class and against it. */
const FOR = [200, 20, 30] as const;
const AGAINST = [20, 70, 200] as const;

/** The RGB colour of a value in -1..1: blue for negative values, white for 0, red for positive values. */
export function divergingColour(value: number): readonly [number, number, number] {
  const strength = Math.min(1, Math.abs(value));
  const [red, green, blue] = value < 0 ? AGAINST : FOR;
  const fade = (part: number): number => Math.round(255 + (part - 255) * strength);
  return [fade(red), fade(green), fade(blue)];
}

/** Colours a signed map. Pixels that the model did not see are transparent. RGBA. */
export function renderSignedHeatmap(map: DisplayMap): RgbImage {
  const data = new Uint8Array(map.width * map.height * 4);
  map.values.forEach((value, i) => {
    if (map.visible[i] === 0) return;
    data.set(divergingColour(value), i * 4);
    data[i * 4 + 3] = 255;
  });
  return { width: map.width, height: map.height, channels: 4, data };
}

/**
 * Lays a signed map over the image in red and blue; a value farther from zero is more opaque. Where the map
 * is zero, the image stays as it is and is not paled by white. RGB.
 *
 * @param image of the map's size, RGB or RGBA (alpha is composited on white).
 * @param alpha share of the colour at the ends of the scale, 0..1.
 * @throws RangeError when the sizes differ.
 */
export function renderSignedOverlay(image: RgbImage, map: DisplayMap, alpha: number): RgbImage {
  return mixOverlay(image, map, {
    table: [...AGAINST, ...FOR],
    stepOf: (value) => (value < 0 ? 0 : 1),
    shareOf: (value) => alpha * Math.min(1, Math.abs(value)),
  });
}
