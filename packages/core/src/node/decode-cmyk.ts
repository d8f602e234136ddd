import type { Sharp } from 'sharp';
import { GradcamError } from '../base/errors.ts';
import { compositeOnWhite } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';

/**
 * Decodes a CMYK picture with `r = (255 - c)(255 - k) / 255` and so on. Pillow, TensorFlow and browsers use
 * the same formula, and nets were trained on the pictures that they decode. No colour profile is applied,
 * neither the file's nor a built-in one.
 *
 * @param picture the opened picture, turned upright.
 * @param isDeep whether inks have 16 bits, of which the upper 8 are used.
 * @throws GradcamError `image` for channels other than the four inks and alpha.
 */
export async function decodeCmyk(picture: Sharp, isDeep: boolean, name: string): Promise<RgbImage> {
  const { data, info } = await picture
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 4 && (channels as number) !== 5) {
    throw new GradcamError(
      'image',
      `${name}: ${channels} channels; CMYK is read with alpha or without`,
    );
  }
  const values = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  const shift = isDeep ? 8 : 0;
  const rgba = new Uint8Array(width * height * 4);
  for (let from = 0, to = 0; to < rgba.length; from += channels) {
    const light = 255 - (values[from + 3]! >> shift);
    for (let c = 0; c < 3; c++) {
      rgba[to++] = Math.round(((255 - (values[from + c]! >> shift)) * light) / 255);
    }
    rgba[to++] = (channels as number) === 5 ? values[from + 4]! >> shift : 255;
  }
  return compositeOnWhite({ width, height, channels: 4, data: rgba });
}
