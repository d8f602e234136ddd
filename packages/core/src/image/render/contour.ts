import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { DisplayMap } from '../display-map.ts';
import type { RgbImage } from '../rgb-image.ts';
import { opaqueBelow } from './check-size.ts';
import { colourStep } from './mix.ts';
import { divergingColour } from './signed.ts';

/** The levels drawn when none are given. */
export const CONTOUR_LEVELS: readonly number[] = [0.25, 0.5, 0.75];

export interface ContourOptions {
  /** In the map's own values; one farther from zero is drawn over the others. */
  readonly levels?: readonly number[];
  /** Pixels across a line; default 1. */
  readonly lineWidth?: number;
}

/**
 * Draws lines around what reaches each level, in the level's colour, and leaves the image alone
 * elsewhere. A line lies inside: pixels that reach the level and touch, by an edge, one that does
 * not, and so on inwards for a wider line. The picture's border is no line. A level below zero is
 * reached by what is as far below. RGB.
 *
 * @param image of the map's size, RGB or RGBA (alpha on white).
 * @param colormap `diverging` for a signed map.
 * @throws RangeError when the sizes differ.
 */
export function renderContours(
  image: RgbImage,
  map: DisplayMap,
  colormap: ColormapName | 'diverging',
  { levels = CONTOUR_LEVELS, lineWidth = 1 }: ContourOptions = {},
): RgbImage {
  const below = opaqueBelow(map, image).data;
  const data = Uint8Array.from(below);
  for (const level of [...levels].sort((a, b) => Math.abs(a) - Math.abs(b))) {
    const colour = colourOfLevel(level, colormap);
    let inside = map.values.map((value, i) => {
      const reaches = level < 0 ? value <= level : value >= level;
      return map.visible[i] === 1 && reaches ? 1 : 0;
    });
    for (let peel = 0; peel < lineWidth; peel++) {
      const rest = Float32Array.from(inside);
      for (let i = 0; i < inside.length; i++) {
        if (!isEdge(inside, map.width, i)) continue;
        data.set(colour, i * 3);
        rest[i] = 0;
      }
      inside = rest;
    }
  }
  return { width: map.width, height: map.height, channels: 3, data };
}

function colourOfLevel(level: number, colormap: ColormapName | 'diverging'): ArrayLike<number> {
  if (colormap === 'diverging') return divergingColour(level);
  const step = colourStep(level);
  return getColormap(colormap).subarray(step * 3, step * 3 + 3);
}

function isEdge(inside: Float32Array, width: number, i: number): boolean {
  if (inside[i] === 0) return false;
  const x = i % width;
  return (
    (x > 0 && inside[i - 1] === 0) ||
    (x < width - 1 && inside[i + 1] === 0) ||
    // Above and below the picture there is no pixel, so that this compares with undefined.
    inside[i - width] === 0 ||
    inside[i + width] === 0
  );
}
