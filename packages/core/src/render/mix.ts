import type { DisplayMap } from '../image/display-map.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { checkOverlaySize } from './check-size.ts';

/** Which colour lies over a pixel, and how much of it. */
export interface Mixing {
  /** RGB triples. */
  readonly table: ArrayLike<number>;
  /** The triple of a map's value. */
  readonly stepOf: (value: number) => number;
  /** 0..1, share of the colour for a map's value. */
  readonly shareOf: (value: number) => number;
}

/**
 * image * (1 - share) + colour * share, and the image alone where the model did not see it. RGB.
 *
 * @param image of the map's size, without alpha.
 * @throws RangeError when the sizes differ.
 */
export function mixOverlay(
  image: RgbImage,
  map: DisplayMap,
  { table, stepOf, shareOf }: Mixing,
): RgbImage {
  checkOverlaySize(image, map);
  const data = new Uint8Array(image.data);
  for (let i = 0; i < map.values.length; i++) {
    if (map.visible[i] === 0) continue;
    const value = map.values[i]!;
    const first = stepOf(value) * 3;
    const share = shareOf(value);
    for (let c = 0; c < 3; c++) {
      const mixed = image.data[i * 3 + c]! * (1 - share) + table[first + c]! * share;
      data[i * 3 + c] = Math.round(mixed);
    }
  }
  return { width: map.width, height: map.height, channels: 3, data };
}

/** The place of a value 0..1 in a table of 256 colours; what is outside is cut. */
export function colourStep(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 255);
}
