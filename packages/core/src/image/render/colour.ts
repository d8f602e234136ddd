import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { DisplayMap } from '../display-map.ts';
import type { RgbImage } from '../rgb-image.ts';
import { colourStep, mixOverlay } from './mix.ts';

/** Colours a map. Pixels that the model did not see are transparent. RGBA. */
export function renderHeatmap(map: DisplayMap, colormap: ColormapName): RgbImage {
  const table = getColormap(colormap);
  const data = new Uint8Array(map.width * map.height * 4);
  const { values, visible } = map;
  for (let i = 0; i < values.length; i++) {
    if (visible[i] === 0) continue;
    const first = colourStep(values[i]!) * 3;
    data[i * 4] = table[first]!;
    data[i * 4 + 1] = table[first + 1]!;
    data[i * 4 + 2] = table[first + 2]!;
    data[i * 4 + 3] = 255;
  }
  return { width: map.width, height: map.height, channels: 4, data };
}

/**
 * Lays the coloured map over the image: image * (1 - alpha) + colour * alpha. Pixels that the model did not
 * see show the image alone. RGB.
 *
 * @param image of the map's size, RGB or RGBA (alpha is composited on white).
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
