import type { DisplayMap } from '../display-map.ts';
import type { RgbImage } from '../rgb-image.ts';
import { opaqueBelow } from './check-size.ts';

/** The colour that is laid over a pixel, and its share, by the value of the map. */
export interface Mixing {
  /** RGB triples, one after the other. */
  readonly table: ArrayLike<number>;
  /** Index of the triple for a value of the map. */
  readonly stepOf: (value: number) => number;
  /** Share of the colour for a value of the map, 0..1. */
  readonly shareOf: (value: number) => number;
}

/**
 * Mixes image * (1 - share) + colour * share. Pixels that the model did not see show the image alone. RGB.
 *
 * @param image of the map's size, RGB or RGBA (alpha is composited on white).
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
    // The array truncates. For values of at least 0, adding 0.5 first rounds, in half the time of Math.round.
    const red = i * 3;
    data[red] = data[red]! * rest + table[first]! * share + 0.5;
    data[red + 1] = data[red + 1]! * rest + table[first + 1]! * share + 0.5;
    data[red + 2] = data[red + 2]! * rest + table[first + 2]! * share + 0.5;
  }
  return { width: map.width, height: map.height, channels: 3, data };
}

/** The index of a value 0..1 in a table of 256 colours. Values outside count as 0 or 1. */
export function colourStep(value: number): number {
  if (value >= 1) return 255;
  return value > 0 ? Math.floor(value * 255 + 0.5) : 0;
}
