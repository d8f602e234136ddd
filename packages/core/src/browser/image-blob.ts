import { GradcamError } from '../base/errors.ts';
import {
  animatedAvifReason,
  countFrames,
  describeFrames,
  isAnimatedAvif,
} from '../image/count-frames.ts';
import { checkByteCount, checkPixelCount } from '../image/image-limits.ts';
import { readWebpOrientation, turnUpright } from '../image/orientation.ts';
import { checkPictureKind, readableKinds } from '../image/picture-kind.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { describeDarkness } from '../image/sample-scale.ts';
import { readDeclaredSize } from './declared-size.ts';

/**
 * The kinds that are read in a browser. The command reads them too, so that both treat a file alike. Browsers
 * could decode more (BMP, icons, SVG), but no TIFF.
 */
const kinds = readableKinds.filter((kind) => kind !== 'TIFF');

/** An image that a browser decoded, and how. */
export interface BlobImage extends RgbImage {
  readonly channels: 4;
  /** One line for each assumption. */
  readonly notes: readonly string[];
}

/**
 * Decodes an image that was dropped, pasted or fetched. The result is upright and has its alpha and its
 * stored colours. Numbers of 16 bits keep their upper 8 bits, and only the first frame is read. The kind is
 * told by the first bytes and the size by the header, before anything is decoded. `notes` lists the choices
 * that were made, and where this browser is known to read a file differently than Node.
 *
 * @throws GradcamError `image` for a blob of another kind, one that cannot be decoded, and one above
 *   `MAX_IMAGE_BYTES` or `MAX_IMAGE_PIXELS`, the limits of Node too.
 */
export async function readImageBlob(blob: Blob, name = 'image'): Promise<BlobImage> {
  if (blob.size === 0) throw new GradcamError('image', `${name}: the file is empty`);
  checkByteCount(blob.size, name);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const kind = checkPictureKind(bytes, name, kinds);
  const declared = readDeclaredSize(bytes, kind);
  if (declared === null) {
    throw new GradcamError(
      'image',
      `${name}: not an image that can be decoded (no size in its header)`,
    );
  }
  checkPixelCount(declared.width, declared.height, name);
  if (kind === 'AVIF' && isAnimatedAvif(bytes)) {
    throw new GradcamError(
      'image',
      `${name}: not an image that can be decoded (${animatedAvifReason})`,
    );
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob, {
      // Browsers differ in whether they turn WebP by its EXIF (Chromium 156 does not), so it is turned below.
      imageOrientation: kind === 'WebP' ? 'none' : 'from-image',
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (cause) {
    throw new GradcamError('image', `${name}: not an image that can be decoded`, { cause });
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new GradcamError('image', `${name}: no canvas of ${width}x${height}`);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const stored: RgbImage = { width, height, channels: 4, data };
  const upright = kind === 'WebP' ? turnUpright(stored, readWebpOrientation(bytes)) : stored;
  const notes = [
    ...describeFrames(countFrames(bytes, kind)),
    ...(kind === 'AVIF' && hasAvifAlpha(bytes) ? [avifAlphaNote] : []),
    ...describeDeepDarkness(bytes, kind, data),
  ];
  return { ...upright, channels: 4, notes };
}

/**
 * Chromium 156 reads the alpha of an AVIF picture as limited range, 16 to 235, even if the file says that it
 * has full range. Values outside that range are lost, so the user can only be told.
 */
const avifAlphaNote =
  'its alpha is as this browser reads it, and Chromium stretches that of AVIF: half-clear parts may differ from gradcam explain';

/** ISO/IEC 23000-22, 4: an auxiliary picture of this type is the alpha channel of another picture. */
function hasAvifAlpha(bytes: Uint8Array): boolean {
  // Properties stand in the box `meta`, which comes before the pixels.
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, AVIF_META_BYTES));
  return head.includes('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha');
}

/** More bytes than the properties of any picture take, colour profiles included. */
const AVIF_META_BYTES = 4_194_304;

function describeDeepDarkness(bytes: Uint8Array, kind: string, rgba: Uint8ClampedArray): string[] {
  const isDeep = kind === 'PNG' && bytes[PNG_DEPTH_AT] === 16;
  const dark = isDeep ? describeDarkness(largestOf(rgba) * 256 + 255) : null;
  return dark === null ? [] : [`${dark} of gradcam explain`];
}

/**
 * The offset of the byte in a PNG's header that holds the number of bits for each channel. It follows width
 * and height.
 */
const PNG_DEPTH_AT = 24;

/** The largest value of the colour channels; alpha does not count. */
function largestOf(rgba: Uint8ClampedArray): number {
  let largest = 0;
  for (let i = 0; i < rgba.length; i++) {
    if (i % 4 !== 3 && rgba[i]! > largest) largest = rgba[i]!;
  }
  return largest;
}
