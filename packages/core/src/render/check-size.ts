import type { DisplayMap } from '../image/display-map.ts';
import type { RgbImage } from '../image/rgb-image.ts';

/** @throws RangeError when the map does not lie over the image, or the image has alpha. */
export function checkOverlaySize(image: RgbImage, map: DisplayMap): void {
  if (image.width === map.width && image.height === map.height && image.channels === 3) return;
  throw new RangeError(
    `overlay: map of ${map.width}x${map.height} does not fit the image of ${image.width}x${image.height}`,
  );
}
