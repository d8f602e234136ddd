import type { Sharp } from 'sharp';
import { GradcamError } from '../base/errors.ts';
import { readFirstFrame } from '../image/gif-frame.ts';
import { describeFrames } from '../image/count-frames.ts';
import { compositeOnWhite } from '../image/prepare-input.ts';
import { isSrgbProfile, readProfileName } from '../image/profile-name.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { describeScale } from '../image/sample-scale.ts';
import { callUnsigned, readTiffSamples, type TiffSamples } from '../image/tiff-samples.ts';
import type { SampleScale } from '../run/sample-scale.ts';
import { decodeCmyk } from './decode-cmyk.ts';
import { decodeSamples, readsSamples } from './decode-samples.ts';
import { sharpInput, type ImageHeader } from './image-header.ts';
import { loadSharp } from './load-sharp.ts';

/** A decoded image, and how it was decoded. */
export interface DecodedImage extends RgbImage {
  /**
   * How the file's numbers were scaled to 0..255. Present for numbers that do not have 8 bits, and for a
   * stated window.
   */
  readonly samples?: SampleScale;
  /** One line for each assumption, with the flag that changes it. */
  readonly notes: readonly string[];
}

/**
 * Decodes the pixels of a picture whose header has been checked.
 *
 * @param window the numbers that become 0 and 255, if the user states them.
 * @throws GradcamError `image` for channels or numbers that are not read, and whatever libvips throws.
 */
export async function decodePixels(
  bytes: Uint8Array,
  header: ImageHeader,
  name: string,
  window?: readonly [from: number, to: number],
): Promise<DecodedImage> {
  const { metadata, kind } = header;
  const tiff = kind === 'TIFF' ? readTiffSamples(bytes) : null;
  const bits = tiff === null ? undefined : findHiddenBits(tiff, metadata.space, metadata.depth);
  const sharp = await loadSharp();
  const upright = sharp(bits === undefined ? bytes : callUnsigned(bytes), sharpInput).rotate();
  const notes = describeHeader(header, tiff);
  if (metadata.space === 'cmyk') {
    notes.push('inks (CMYK) became RGB as (255 - ink)(255 - black) / 255, without a profile');
    return { ...(await decodeCmyk(upright, metadata.depth === 'ushort', name)), notes };
  }
  // Channels of unknown meaning are not treated as alpha.
  const hasAlpha = metadata.hasAlpha === true && (tiff?.unnamed ?? 0) === 0;
  if (readsSamples(metadata, window)) {
    const hidden = bits === undefined ? metadata : { ...metadata, depth: 'ushort' as const };
    const options = { window, range: tiff?.range, bits, hasAlpha };
    if (bits !== undefined && tiff!.isPremultiplied) {
      throw new GradcamError('image', `${name}: ${bits} colours times their alpha are not read`);
    }
    const { image, scale, notFinite } = await decodeSamples(upright, hidden, name, options);
    const said = describeScale(scale);
    if (said !== null) notes.push(said);
    if (notFinite > 0) notes.push(`${notFinite} values that are no finite numbers are shown as 0`);
    return { ...image, samples: scale, notes };
  }
  const image = await decodeBytes(upright, name, hasAlpha);
  if (kind === 'GIF' && metadata.hasAlpha !== true) clearAroundFrame(image, bytes);
  return { ...image, notes };
}

/**
 * Detects pictures with a single channel of signed integers or floating-point numbers of 16 bits. sharp
 * would convert these to unsigned integers, and negative numbers and fractions would become 0. They are
 * therefore decoded as if they were unsigned, and their bits are interpreted afterwards.
 */
function findHiddenBits(
  { bits, format }: TiffSamples,
  space?: string,
  depth?: string,
): 'int16' | 'float16' | undefined {
  if (bits !== 16 || depth === 'ushort' || (space !== 'grey16' && space !== 'rgb16'))
    return undefined;
  if (format === 'signed') return 'int16';
  return format === 'float' ? 'float16' : undefined;
}

async function decodeBytes(upright: Sharp, name: string, hasAlpha: boolean): Promise<RgbImage> {
  const { data, info } = await upright
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) {
    throw new GradcamError(
      'image',
      `${name}: ${channels} channels; gray, RGB and CMYK are read, with alpha or without`,
    );
  }
  // The fourth channel is not alpha, so it is replaced by one that is opaque everywhere.
  if (channels === 4 && !hasAlpha) for (let i = 3; i < data.length; i += 4) data[i] = 255;
  // libvips truncates where this compositing rounds; rounding gives the same pixels as in a browser.
  return compositeOnWhite({ width, height, channels, data });
}

/** Makes the canvas around a smaller first frame white, as browsers show it. */
function clearAroundFrame({ width, height, data }: RgbImage, bytes: Uint8Array): void {
  const frame = readFirstFrame(bytes);
  if (frame === null) return;
  const [right, bottom] = [frame.left + frame.width, frame.top + frame.height];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const isInside = x >= frame.left && x < right && y >= frame.top && y < bottom;
      if (!isInside) data.fill(255, at, at + 3);
    }
  }
}

function describeHeader({ pages, metadata }: ImageHeader, tiff: TiffSamples | null): string[] {
  const notes = describeFrames(pages);
  if (metadata.icc !== undefined && metadata.space !== 'cmyk') {
    const profile = readProfileName(metadata.icc);
    if (profile === null || !isSrgbProfile(profile)) {
      notes.push(
        `its colour profile (${profile ?? 'without a name'}) is not applied: the stored numbers are taken for sRGB`,
      );
    }
  }
  if (tiff !== null && tiff.unnamed > 0) {
    notes.push('a channel beside its colours, which the file does not call alpha, is left out');
  }
  const isPlain = tiff?.format === 'unsigned' && tiff.bits <= 16;
  if (tiff?.isWhiteZero && !isPlain) {
    notes.push('it says that 0 is white, which is not followed for such numbers: dark is small');
  }
  return notes;
}
