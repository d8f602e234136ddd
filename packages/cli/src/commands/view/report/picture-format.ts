import { readImageHeader, sharpInput } from '@gradcam/core/node';
import { readFoundFile } from '@gradcam/runs';
import type { EmbeddedFile } from './embed-files.ts';

/** How a report's pictures are encoded: `kept` leaves the files of the run as they are. */
export const pictureFormats = ['kept', 'webp', 'jpeg'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

/** The page draws no map larger than this, so more pixels would only make the report larger. */
const LONGEST_SIDE = 1200;

/** Above this, files grow faster than what an eye sees improves. */
const QUALITY = 85;

/** The pictures from which the size of all others is estimated. */
const SAMPLES = 12;

/** A picture as the report contains it. */
export interface EncodedPicture {
  readonly bytes: Uint8Array;
  /** The content type; null for the one that the file's name says. */
  readonly type: string | null;
}

/** Whether a file of a run is a picture, and not a map's values. */
export function isPicture({ path }: Pick<EmbeddedFile, 'path'>): boolean {
  return /\.(png|webp|jpg)$/i.test(path);
}

/**
 * Encodes a picture of a run again, at most {@link LONGEST_SIDE} pixels wide and high. A picture that would
 * not become smaller stays as it is. So does a transparent one as JPEG, which has no alpha, and one that
 * cannot be decoded, as the page will say.
 */
export async function encodePicture(
  bytes: Uint8Array,
  name: string,
  format: PictureFormat,
): Promise<EncodedPicture> {
  const kept = { bytes, type: null };
  if (format === 'kept') return kept;
  const encoded = await shrinkPicture(bytes, name, format).catch(() => null);
  if (encoded === null || encoded.byteLength >= bytes.byteLength) return kept;
  return { bytes: encoded, type: `image/${format}` };
}

/** @returns null for a transparent picture as JPEG. */
async function shrinkPicture(
  bytes: Uint8Array,
  name: string,
  format: Exclude<PictureFormat, 'kept'>,
): Promise<Uint8Array | null> {
  // The run may come from somebody else, so the limits on images hold for its pictures too.
  await readImageHeader(bytes, name);
  const { default: sharp } = await import('sharp');
  const picture = sharp(bytes, sharpInput);
  const { hasAlpha } = await picture.metadata();
  if (format === 'jpeg' && hasAlpha && !(await picture.stats()).isOpaque) return null;
  const small = picture.resize(LONGEST_SIDE, LONGEST_SIDE, {
    fit: 'inside',
    withoutEnlargement: true,
  });
  if (format === 'webp') return small.webp({ quality: QUALITY }).toBuffer();
  return small.jpeg({ quality: QUALITY, mozjpeg: true }).toBuffer();
}

/**
 * Estimates how many bytes the files take in a format, from at most {@link SAMPLES} pictures spread over the
 * run. With no more pictures than that, the number is exact.
 */
export async function estimateBytes(
  files: readonly EmbeddedFile[],
  format: PictureFormat,
): Promise<number> {
  const pictures = files.filter(isPicture);
  const sizeOf = (some: readonly EmbeddedFile[]): number =>
    some.reduce((sum, { bytes }) => sum + bytes, 0);
  if (format === 'kept' || pictures.length === 0) return sizeOf(files);
  const count = Math.min(SAMPLES, pictures.length);
  const samples = Array.from(
    { length: count },
    (_, i) => pictures[Math.floor((i * pictures.length) / count)]!,
  );
  let encoded = 0;
  for (const sample of samples) {
    const picture = await encodePicture(await readFoundFile(sample), sample.path, format);
    encoded += picture.bytes.byteLength;
  }
  const others = sizeOf(files) - sizeOf(pictures);
  return Math.round(others + (encoded / sizeOf(samples)) * sizeOf(pictures));
}
