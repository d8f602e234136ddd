import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { DisplayMap } from '../display-map.ts';
import type { RgbImage } from '../rgb-image.ts';
import { colourStep, mixOverlay } from './mix.ts';

/**
 * Lays the coloured map over the image; a higher value is more opaque. Where the map is zero, the image stays
 * as it is and is not tinted with the colour of zero. RGB.
 *
 * @param image of the map's size, RGB or RGBA (alpha is composited on white).
 * @param alpha share of the colour where the map is 1, in 0..1.
 * @throws RangeError when the sizes differ.
 */
export function renderOverlayByValue(
  image: RgbImage,
  map: DisplayMap,
  colormap: ColormapName,
  alpha: number,
): RgbImage {
  return mixOverlay(image, map, {
    table: getColormap(colormap),
    stepOf: colourStep,
    shareOf: (value) => alpha * Math.min(1, Math.max(0, value)),
  });
}
