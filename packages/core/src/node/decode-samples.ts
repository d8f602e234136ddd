import type { Metadata, Sharp } from 'sharp';
import { GradcamError } from '../base/errors.ts';
import { compositeOnWhite } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { chooseWindow } from '../image/sample-scale.ts';
import type { SampleType, SampleScale } from '../run/sample-scale.ts';

/** Number types by their names in libvips. */
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

/** Colour spaces whose numbers are gray or RGB already. CMYK and Lab are converted before. */
const plainSpaces = ['b-w', 'grey16', 'srgb', 'rgb', 'rgb16', 'scrgb', 'multiband'];

/** Whether a picture's numbers have to be scaled: they do not have 8 bits, or a window was stated. */
export function readsSamples({ depth, space }: Metadata, window: unknown): boolean {
  const isPlain = plainSpaces.includes(space ?? '');
  return isPlain && ((depth !== undefined && depth !== 'uchar') || window !== undefined);
}

/** Facts about a picture's numbers that the decoder does not report. */
export interface SampleOptions {
  /** The numbers that become 0 and 255, as the user states them. */
  readonly window?: readonly [from: number, to: number];
  /** The range that the file states, see {@link chooseWindow}. */
  readonly range?: readonly [from: number, to: number] | null;
  /** The real type of numbers with 16 bits that the decoder reads as unsigned integers. */
  readonly bits?: 'int16' | 'float16';
  /** Whether the channel after the colours is alpha. If it is not, it is left out. */
  readonly hasAlpha: boolean;
}

/** A picture made from the file's numbers, and the scale that was used. */
export interface ScaledImage {
  readonly image: RgbImage;
  readonly scale: SampleScale;
  /** How many numbers are NaN or infinite. They become 0. */
  readonly notFinite: number;
}

/**
 * Decodes a picture whose numbers do not have 8 bits, and scales a window of them to 0..255.
 *
 * Without a stated window, numbers of 16 bits keep their upper 8 bits, as in browsers. Other types use the
 * range that the file states, or 0..1 if all values lie there, or else their smallest and largest value.
 *
 * @param picture the opened picture, turned upright.
 * @throws GradcamError `image` for more than four channels or numbers of another kind.
 */
export async function decodeSamples(
  picture: Sharp,
  { depth = 'uchar', space = 'srgb' }: Metadata,
  name: string,
  { window: stated, range, bits, hasAlpha }: SampleOptions,
): Promise<ScaledImage> {
  const stored = typeOfDepth[depth];
  if (stored === undefined)
    throw new GradcamError('image', `${name}: ${depth} numbers are not read`);
  const type = bits ?? stored;
  // The picture's own colour space, so that nothing is converted.
  const raw = await picture
    .toColourspace(space)
    .raw({ depth: stored === 'uint16' ? 'ushort' : 'float' })
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
    stored === 'uint16'
      ? readBits(new Uint16Array(buffer, byteOffset, byteLength / 2), bits)
      : new Float32Array(buffer, byteOffset, byteLength / 4);
  const isEven = channels === 2 || channels === 4;
  const colours = isEven ? channels - 1 : channels;
  const isAlpha = hasAlpha && isEven;
  const { smallest, largest, notFinite } = measure(values, channels, colours);
  const { window, by } = chooseWindow(type, smallest, largest, stated, range);
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

type Values = Uint16Array | Int16Array | Float32Array;

function readBits(values: Uint16Array, bits?: 'int16' | 'float16'): Values {
  if (bits === 'int16') return new Int16Array(values.buffer, values.byteOffset, values.length);
  return bits === 'float16' ? Float32Array.from(values, fromHalf) : values;
}

/** Decodes IEEE 754 binary16: a sign, five bits of exponent and ten bits of fraction. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function measure(
  values: Values,
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

/** A window of zero width, for example of a picture with a single value, makes every number 0. */
function scaler([from, to]: readonly [number, number]): (value: number) => number {
  const factor = to > from ? 255 / (to - from) : 0;
  return (value) => {
    const scaled = (value - from) * factor;
    return Number.isFinite(scaled) ? Math.round(Math.min(255, Math.max(0, scaled))) : 0;
  };
}

/** Scales alpha to 0..255, from the largest value of an integer type or from 1. */
function alphaScaler(type: SampleType): (value: number) => number {
  if (type === 'uint16') return (value) => value >> 8;
  if (type === 'uint8') return (value) => value;
  const [kind, bits] = [type.replace(/\d+$/, ''), Number(/\d+$/.exec(type)![0])];
  if (kind === 'float') return scaler([0, 1]);
  return scaler([0, 2 ** (kind === 'int' ? bits - 1 : bits) - 1]);
}
