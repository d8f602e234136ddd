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
  return typeof bytes === 'string' ? bytes : decodeTile(bytes, side).catch(() => 'gone' as const);
}

async function decodeTile(bytes: Uint8Array, side: number): Promise<RgbImage> {
  await readImageHeader(bytes);
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(bytes, sharpInput)
    .rotate()
    .resize(side, side, { fit: 'inside' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data };
}
