import type { DisplayMap } from '../display-map.ts';
import type { RgbImage } from '../rgb-image.ts';
import { opaqueBelow } from './check-size.ts';

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
 * @param image of the map's size, RGB or RGBA (alpha on white).
 * @throws RangeError when the sizes differ.
 */
export function mixOverlay(
  image: RgbImage,
  map: DisplayMap,
  { table, stepOf, shareOf }: Mixing,
): RgbImage {
  const below = opaqueBelow(map, image).data;
  const { values, visible } = map;
  const data = new Uint8Array(below);
  for (let i = 0; i < values.length; i++) {
    if (visible[i] === 0) continue;
    const value = values[i]!;
    const first = stepOf(value) * 3;
    const share = shareOf(value);
    const rest = 1 - share;
    // Of what is not negative, cutting after a half is added rounds it, in half of the time of Math.round.
    const red = i * 3;
    data[red] = data[red]! * rest + table[first]! * share + 0.5;
    data[red + 1] = data[red + 1]! * rest + table[first + 1]! * share + 0.5;
    data[red + 2] = data[red + 2]! * rest + table[first + 2]! * share + 0.5;
  }
  return { width: map.width, height: map.height, channels: 3, data };
}

/** The place of a value 0..1 in a table of 256 colours; what is outside is cut. */
export function colourStep(value: number): number {
  if (value >= 1) return 255;
  return value > 0 ? Math.floor(value * 255 + 0.5) : 0;
}
