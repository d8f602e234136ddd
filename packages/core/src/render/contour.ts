import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { DisplayMap } from '../image/display-map.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { checkOverlaySize } from './check-size.ts';

/** The levels drawn when none are given. */
export const CONTOUR_LEVELS: readonly number[] = [0.25, 0.5, 0.75];

/**
 * Draws lines around what reaches each level, in the level's colour, and leaves the image alone
 * elsewhere. A line is one pixel wide and lies inside: pixels that reach the level and touch, by an
 * edge, one that does not. The picture's border is no line. RGB.
 *
 * @param image of the map's size, without alpha.
 * @param levels in the map's own values; a higher one is drawn over a lower one.
 * @throws RangeError when the sizes differ.
 */
export function renderContours(
  image: RgbImage,
  map: DisplayMap,
  colormap: ColormapName,
  levels: readonly number[] = CONTOUR_LEVELS,
): RgbImage {
  checkOverlaySize(image, map);
  const table = getColormap(colormap);
  const data = Uint8Array.from(image.data);
  for (const level of [...levels].sort((a, b) => a - b)) {
    const step = Math.round(Math.min(1, Math.max(0, level)) * 255);
    const colour = table.subarray(step * 3, step * 3 + 3);
    for (let i = 0; i < map.values.length; i++) {
      if (isEdge(map, level, i)) data.set(colour, i * 3);
    }
  }
  return { width: map.width, height: map.height, channels: 3, data };
}

function isEdge(map: DisplayMap, level: number, i: number): boolean {
  const { width, height } = map;
  const reaches = (at: number): boolean => map.visible[at] === 1 && map.values[at]! >= level;
  if (!reaches(i)) return false;
  const x = i % width;
  const y = (i - x) / width;
  return (
    (x > 0 && !reaches(i - 1)) ||
    (x < width - 1 && !reaches(i + 1)) ||
    (y > 0 && !reaches(i - width)) ||
    (y < height - 1 && !reaches(i + width))
  );
}
