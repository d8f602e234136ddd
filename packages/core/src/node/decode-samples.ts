import type { Metadata, Sharp } from 'sharp';
import { GradcamError } from '../errors.ts';
import { compositeOnWhite } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { chooseWindow } from '../image/sample-scale.ts';
import type { SampleType, SampleScale } from '../run/sample-scale.ts';

/** libvips's names of the types of numbers. */
const typeOfDepth: Readonly<Record<string, SampleType>> = {
  uchar: 'uint8',
  ushort: 'uint16',
  char: 'int8',
  short: 'int16',
  uint: 'uint32',
  int: 'int32',
  float: 'float32',
  double: 'float64',
};

/** Spaces whose numbers are gray or red, green and blue as they are; CMYK and Lab are converted before. */
const plainSpaces = ['b-w', 'grey16', 'srgb', 'rgb', 'rgb16', 'scrgb', 'multiband'];

/** Whether a picture's numbers are read one by one: where they are not of 8 bits, or a window was stated. */
export function readsSamples({ depth, space }: Metadata, window: unknown): boolean {
  const isPlain = plainSpaces.includes(space ?? '');
  return isPlain && ((depth !== undefined && depth !== 'uchar') || window !== undefined);
}

/** A picture made of the file's own numbers, and how. */
export interface ScaledImage {
  readonly image: RgbImage;
  readonly scale: SampleScale;
  /** Numbers that are none (NaN) or infinite; they are shown as 0. */
  readonly notFinite: number;
}

/**
 * Decodes a picture of numbers that are not of 8 bits, upright, and brings a window of them to 0 to 255.
 *
 * Without a stated window 16 bits are cut to the upper 8, as browsers do; other types take 0 to 1 where all values lie
 * there, else their smallest to their largest value.
 *
 * @param picture opened, and turned upright.
 * @throws GradcamError `image` for more than four channels or numbers of another kind.
 */
export async function decodeSamples(
  picture: Sharp,
  { depth = 'uchar', space = 'srgb', hasAlpha = false }: Metadata,
  name: string,
  stated?: readonly [from: number, to: number],
): Promise<ScaledImage> {
  const type = typeOfDepth[depth];
  if (type === undefined) throw new GradcamError('image', `${name}: ${depth} numbers are not read`);
  // Its own space, so that nothing is converted.
  const raw = await picture
    .toColourspace(space)
    .raw({ depth: type === 'uint16' ? 'ushort' : 'float' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = raw.info;
  if (channels > 4) {
    throw new GradcamError(
      'image',
      `${name}: ${channels} channels; gray or RGB is read, with alpha or without`,
    );
  }
  const { buffer, byteOffset, byteLength } = raw.data;
  const values =
    type === 'uint16'
      ? new Uint16Array(buffer, byteOffset, byteLength / 2)
      : new Float32Array(buffer, byteOffset, byteLength / 4);
  const isAlpha = hasAlpha && (channels === 2 || channels === 4);
  const colours = isAlpha ? channels - 1 : channels;
  const { smallest, largest, notFinite } = measure(values, channels, colours);
  const { window, by } = chooseWindow(type, smallest, largest, stated);
  const data = new Uint8Array(width * height * (isAlpha ? 4 : 3));
  const toByte = by === 'type' && type === 'uint16' ? (v: number) => v >> 8 : scaler(window);
  const alphaToByte = alphaScaler(type);
  for (let pixel = 0, to = 0; pixel < width * height; pixel++) {
    const from = pixel * channels;
    for (let c = 0; c < 3; c++) data[to++] = toByte(values[from + (colours < 3 ? 0 : c)]!);
    if (isAlpha) data[to++] = alphaToByte(values[from + colours]!);
  }
  const image = compositeOnWhite({ width, height, channels: isAlpha ? 4 : 3, data });
  return { image, scale: { type, window, by, smallest, largest }, notFinite };
}

function measure(
  values: Uint16Array | Float32Array,
  channels: number,
  colours: number,
): { smallest: number; largest: number; notFinite: number } {
  let [smallest, largest, notFinite] = [Infinity, -Infinity, 0];
  for (let pixel = 0; pixel < values.length; pixel += channels) {
    for (let i = pixel; i < pixel + colours; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) notFinite += 1;
      else {
        if (value < smallest) smallest = value;
        if (value > largest) largest = value;
      }
    }
  }
  return smallest <= largest
    ? { smallest, largest, notFinite }
    : { smallest: 0, largest: 0, notFinite };
}

/** A window without extent, as of a picture of one value, shows nothing. */
function scaler([from, to]: readonly [number, number]): (value: number) => number {
  const factor = to > from ? 255 / (to - from) : 0;
  return (value) => {
    const scaled = (value - from) * factor;
    return Number.isFinite(scaled) ? Math.round(Math.min(255, Math.max(0, scaled))) : 0;
  };
}

/** Alpha is a share, of what its type holds or of 1. */
function alphaScaler(type: SampleType): (value: number) => number {
  if (type === 'uint16') return (value) => value >> 8;
  return type === 'uint8' ? (value) => value : scaler([0, 1]);
}
