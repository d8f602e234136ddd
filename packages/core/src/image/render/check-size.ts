import type { DisplayMap } from '../display-map.ts';
import { compositeOnWhite } from '../prepare-input.ts';
import type { RgbImage } from '../rgb-image.ts';

/**
 * The image that a map is laid over, as the model saw it: RGB, alpha on white.
 *
 * @throws RangeError when the map does not lie over the image.
 */
export function opaqueBelow(map: DisplayMap, image: RgbImage): RgbImage {
  if (image.width === map.width && image.height === map.height) return compositeOnWhite(image);
  throw new RangeError(
    `overlay: map of ${map.width}x${map.height} does not fit the image of ${image.width}x${image.height}`,
  );
}
