import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { DisplayMap } from '../image/display-map.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { colourStep, mixOverlay } from './mix.ts';

/** Colours a map; what the model did not see is transparent. RGBA. */
export function renderHeatmap(map: DisplayMap, colormap: ColormapName): RgbImage {
  const table = getColormap(colormap);
  const data = new Uint8Array(map.width * map.height * 4);
  for (let i = 0; i < map.values.length; i++) {
    if (map.visible[i] === 0) continue;
    const step = colourStep(map.values[i]!);
    for (let c = 0; c < 3; c++) data[i * 4 + c] = table[step * 3 + c]!;
    data[i * 4 + 3] = 255;
  }
  return { width: map.width, height: map.height, channels: 4, data };
}

/**
 * Lays the coloured map over the image: image * (1 - alpha) + colour * alpha, and the image alone
 * where the model did not see it. RGB.
 *
 * @param image of the map's size, without alpha.
 * @param alpha share of the colour, 0..1.
 * @throws RangeError when the sizes differ.
 */
export function renderOverlay(
  image: RgbImage,
  map: DisplayMap,
  colormap: ColormapName,
  alpha: number,
): RgbImage {
  const table = getColormap(colormap);
  return mixOverlay(image, map, { table, stepOf: colourStep, shareOf: () => alpha });
}
