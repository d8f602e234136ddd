import type { RgbImage } from './rgb-image.ts';
import { readTagNumbers, readTiffDirectory } from './tiff-directory.ts';
import { webpChunks } from './webp-chunks.ts';

/** How a stored picture is turned upright, with the numbers of TIFF and EXIF; 1 is upright already. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;

/**
 * The orientation that a WebP file's EXIF states. Chromium turns JPEG, PNG and AVIF by themselves, and not
 * WebP.
 *
 * @returns 1 if the file has no EXIF data, or they state none of the eight orientations.
 */
export function readWebpOrientation(bytes: Uint8Array): Orientation {
  for (const { name, data } of webpChunks(bytes)) {
    if (name !== 'EXIF') continue;
    // Some writers put the marker of JPEG's EXIF segment before it.
    const marker = String.fromCharCode(...data.subarray(0, 6));
    const tiff = readTiffDirectory(marker === 'Exif\0\0' ? data.subarray(6) : data);
    const [value] = tiff === null ? [] : readTagNumbers(tiff, ORIENTATION_TAG);
    return value !== undefined && value in turns ? (value as Orientation) : 1;
  }
  return 1;
}

/**
 * The column and row of the stored picture that hold the upright picture's pixel at `x`, `y`. `right` and
 * `bottom` are the last column and the last row of the stored picture.
 */
type Turn = (x: number, y: number, right: number, bottom: number) => readonly [number, number];

/** TIFF 6.0, tag Orientation: where row 0 and column 0 of the stored picture lie in the upright one. */
const turns: Readonly<Record<Orientation, Turn>> = {
  1: (x, y) => [x, y],
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, _, bottom) => [y, bottom - x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, right) => [right - y, x],
};

/** Turns and mirrors a picture so that it is upright. Orientations 5 to 8 exchange its width and height. */
export function turnUpright(image: RgbImage, orientation: Orientation): RgbImage {
  if (orientation === 1) return image;
  const { channels, data } = image;
  const isSideways = orientation >= 5;
  const width = isSideways ? image.height : image.width;
  const height = isSideways ? image.width : image.height;
  const turn = turns[orientation];
  const upright = new Uint8ClampedArray(data.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += channels) {
      const [column, row] = turn(x, y, image.width - 1, image.height - 1);
      const from = (row * image.width + column) * channels;
      for (let c = 0; c < channels; c++) upright[to + c] = data[from + c]!;
    }
  }
  return { width, height, channels, data: upright };
}
