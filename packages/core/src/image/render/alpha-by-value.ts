import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { DisplayMap } from '../display-map.ts';
import type { RgbImage } from '../rgb-image.ts';
import { colourStep, mixOverlay } from './mix.ts';

/**
 * Lays the coloured map over the image, the more opaque the higher the value: the image stays as it
 * is where the map is zero, instead of being tinted with the colour of zero. RGB.
 *
 * @param image of the map's size, RGB or RGBA (alpha on white).
 * @param alpha share of the colour where the map is 1.
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
