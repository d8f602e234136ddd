import { getColormap, type ColormapName } from '../colormaps/colormap.ts';
import type { DisplayMap } from '../image/display-map.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { checkOverlaySize } from './check-size.ts';

/**
 * Lays the coloured map over the image, the more opaque the higher the value: the image stays as it
 * is where the map is zero, instead of being tinted with the colour of zero. RGB.
 *
 * @param image of the map's size, without alpha.
 * @param alpha share of the colour where the map is 1.
 * @throws RangeError when the sizes differ.
 */
export function renderOverlayByValue(
  image: RgbImage,
  map: DisplayMap,
  colormap: ColormapName,
  alpha: number,
): RgbImage {
  checkOverlaySize(image, map);
  const table = getColormap(colormap);
  const data = Uint8Array.from(image.data);
  map.values.forEach((value, i) => {
    if (map.visible[i] === 0) return;
    const level = Math.min(1, Math.max(0, value));
    const step = Math.round(level * 255);
    const share = alpha * level;
    for (let c = 0; c < 3; c++) {
      const mixed = image.data[i * 3 + c]! * (1 - share) + table[step * 3 + c]! * share;
      data[i * 3 + c] = Math.round(mixed);
    }
  });
  return { width: map.width, height: map.height, channels: 3, data };
}
