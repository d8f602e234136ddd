import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { DisplayMap } from '../display-map.ts';
import type { RgbImage } from '../rgb-image.ts';
import { opaqueBelow } from './check-size.ts';
import { colourStep } from './mix.ts';
import { divergingColour } from './signed.ts';

/** The default levels. */
export const CONTOUR_LEVELS: readonly number[] = [0.25, 0.5, 0.75];

export interface ContourOptions {
  /** Values of the map at which lines are drawn. A level farther from zero is drawn over the others. */
  readonly levels?: readonly number[];
  /** Width of a line in pixels; default 1. */
  readonly lineWidth?: number;
}

/**
 * Draws a line around the pixels that reach each level, in the level's colour. The rest of the image is
 * unchanged. The line lies inside the region: it consists of pixels that reach the level and share an edge
 * with a pixel that does not; a wider line continues inwards. No line follows the picture's border. A pixel
 * reaches a negative level when its value is at most that level. RGB.
 *
 * @param image of the map's size, RGB or RGBA (alpha is composited on white).
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
    // Above and below the picture there is no pixel: the value is undefined, which is not 0.
    inside[i - width] === 0 ||
    inside[i + width] === 0
  );
}
