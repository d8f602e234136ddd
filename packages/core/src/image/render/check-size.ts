import type { DisplayMap } from '../display-map.ts';
import { compositeOnWhite } from '../prepare-input.ts';
import type { RgbImage } from '../rgb-image.ts';

/**
 * The image below a map, as the model saw it: RGB, with alpha composited on white.
 *
 * @throws RangeError when the sizes of the map and the image differ.
 */
export function opaqueBelow(map: DisplayMap, image: RgbImage): RgbImage {
  if (image.width === map.width && image.height === map.height) return compositeOnWhite(image);
  throw new RangeError(
    `overlay: map of ${map.width}x${map.height} does not fit the image of ${image.width}x${image.height}`,
  );
}
