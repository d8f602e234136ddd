import type { RgbImage, RunFile } from '@gradcam/core';
import { readImageHeader, sharpInput } from '@gradcam/core/node';
import { readExplainedImage, readRunFile, type Unread } from '../files/read-run-file.ts';
import type { Place } from './plan-pages.ts';

/**
 * The picture of a place, with `side` as its longest side, or why there is none. A file that is not a picture
 * counts as gone.
 */
export async function readTile(
  place: Exclude<Place, { kind: 'empty' }>,
  folder: string,
  run: RunFile,
  side: number,
): Promise<RgbImage | Unread> {
  const bytes =
    place.kind === 'picture'
      ? await readRunFile(folder, place.file)
      : await readExplainedImage(folder, run, place.line);
  if (typeof bytes === 'string') return bytes;
  const size = place.kind === 'picture' ? place.size : undefined;
  return decodeTile(bytes, side, size).catch(() => 'gone' as const);
}

/**
 * @param size of the image within a picture that also has a legend, so that all tiles show it in one
 *   size.
 */
async function decodeTile(
  bytes: Uint8Array,
  side: number,
  size?: { readonly width: number; readonly height: number },
): Promise<RgbImage> {
  const { width, height } = await readImageHeader(bytes);
  const { default: sharp } = await import('sharp');
  const upright = sharp(bytes, sharpInput).rotate();
  const isLarger = size !== undefined && width >= size.width && height >= size.height;
  const shown = isLarger ? upright.extract({ left: 0, top: 0, ...size }) : upright;
  const { data, info } = await shown
    .resize(side, side, { fit: 'inside' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data };
}
