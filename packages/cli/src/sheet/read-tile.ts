import { MAX_IMAGE_PIXELS } from '@gradcam/core/node';
import type { ResultLine, RgbImage } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Place } from './plan-pages.ts';

/** The picture of a place, with `side` as its longest side; null where its file is not there. */
export async function readTile(
  place: Exclude<Place, { kind: 'empty' }>,
  run: string,
  side: number,
): Promise<RgbImage | null> {
  const bytes =
    place.kind === 'picture'
      ? await readFile(path.join(run, place.file)).catch(() => null)
      : await readExplainedImage(place.line);
  if (bytes === null) return null;
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(bytes, { limitInputPixels: MAX_IMAGE_PIXELS, ignoreIcc: true })
    .rotate()
    .resize(side, side, { fit: 'inside' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data };
}

/** The run has only the image's name: a file that is another one by now is not shown for it. */
async function readExplainedImage({ image, sha256 }: ResultLine): Promise<Uint8Array | null> {
  const bytes = await readFile(image).catch(() => null);
  if (bytes === null) return null;
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : null;
}
