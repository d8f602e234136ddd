/**
 * A decoded image: RGB or RGBA, 8 bits for each channel, row-major, upright (the EXIF orientation is
 * applied).
 *
 * Alpha is composited on white before the model sees the image.
 */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** @throws RangeError when the data does not fit the sizes. */
export function checkImage(image: RgbImage): void {
  const expected = image.width * image.height * image.channels;
  if (image.width < 1 || image.height < 1 || image.data.length !== expected) {
    throw new RangeError(
      `image of ${image.width}x${image.height} with ${image.channels} channels needs ${expected} bytes, got ${image.data.length}`,
    );
  }
}
