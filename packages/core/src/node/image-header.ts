import type { Metadata } from 'sharp';
import { GradcamError } from '../base/errors.ts';
import { animatedAvifReason, countFrames, isAnimatedAvif } from '../image/count-frames.ts';
import { checkByteCount, checkPixelCount, MAX_IMAGE_PIXELS } from '../image/image-limits.ts';
import { checkPictureKind, readPictureKind } from '../image/picture-kind.ts';
import { readTiffSamples } from '../image/tiff-samples.ts';
import { loadSharp } from './load-sharp.ts';

/** The facts that an image file states before it is decoded. */
export interface ImageHeader {
  /** One of `PNG`, `JPEG`, `WebP`, `GIF`, `TIFF`, `AVIF`. */
  readonly kind: string;
  /** Size of the first page or frame, as it is stored. */
  readonly width: number;
  readonly height: number;
  /** Pages of a TIFF, frames of an animation: the first is read. */
  readonly pages: number;
  /** All metadata that sharp reports. */
  readonly metadata: Metadata;
}

/** Kinds by sharp's names. The kind that libvips finds must be the kind that the first bytes say. */
const kindOfFormat: Readonly<Record<string, string>> = {
  png: 'PNG',
  jpeg: 'JPEG',
  webp: 'WebP',
  gif: 'GIF',
  tiff: 'TIFF',
  heif: 'AVIF',
};

/** How sharp opens bytes whose header has been checked: the first page, with colours as stored. */
export const sharpInput = { limitInputPixels: MAX_IMAGE_PIXELS, ignoreIcc: true } as const;

/**
 * Reads an image's header without decoding the image. The kind is told by the first bytes and not by the
 * name.
 *
 * @param name how errors call the image.
 * @throws GradcamError `image` for a kind that is not read (SVG, HEIC, BMP and others are named), a file of
 *   more than `MAX_IMAGE_BYTES`, and one that declares more than `MAX_IMAGE_PIXELS`; `engine` without sharp.
 */
export async function readImageHeader(bytes: Uint8Array, name = 'image'): Promise<ImageHeader> {
  if (bytes.byteLength === 0) throw new GradcamError('image', `${name}: the file is empty`);
  checkByteCount(bytes.byteLength, name);
  const kind = checkPictureKind(bytes, name);
  const sharp = await loadSharp();
  // Without sharp's own limit, whose error does not name it: only the header is read.
  const metadata = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw undecodable(name, cause, bytes);
    });
  const { format, width, height } = metadata;
  // libvips reads the still picture of an animated PNG and does not report its frames.
  const pages = metadata.pages ?? countFrames(bytes, kind);
  if (kindOfFormat[format] !== kind) {
    throw new GradcamError(
      'image',
      `${name}: not an image that can be decoded (${kind} or ${format}?)`,
    );
  }
  checkPixelCount(width, height, name);
  return { kind, width, height, pages, metadata };
}

/**
 * An error for a file that cannot be decoded, with libvips's first line or a better reason from the file
 * itself.
 */
export function undecodable(name: string, cause: unknown, bytes?: Uint8Array): GradcamError {
  const reason = (cause as Error).message.split('\n')[0];
  const rare = bytes === undefined ? null : describeRareForm(bytes);
  return new GradcamError(
    'image',
    `${name}: not an image that can be decoded (${rare ?? reason})`,
    { cause },
  );
}

/** Why libvips cannot read a file of a readable kind; null where the file shows no reason. */
function describeRareForm(bytes: Uint8Array): string | null {
  const kind = readPictureKind(bytes);
  if (kind === 'AVIF' && isAnimatedAvif(bytes)) {
    return animatedAvifReason;
  }
  const tiff = kind === 'TIFF' ? readTiffSamples(bytes) : null;
  if (tiff === null) return null;
  if (tiff.compression !== null) {
    return `its compression is ${tiff.compression}; save it with LZW or Deflate`;
  }
  const isRead = [1, 2, 4, 8, 16, 32].includes(tiff.bits) && tiff.format !== 'other';
  if (isRead) return null;
  const what = tiff.format === 'other' ? 'complex or undefined' : tiff.format;
  return `its numbers are ${what} ones of ${tiff.bits} bits; 1, 2, 4, 8, 16 and 32 are read: save it with 16 or 32`;
}
