import type { NdArray } from '../base/nd-array.ts';
import type { InputDescription } from '../artifact/artifact.ts';
import { fitImage, type Geometry } from './geometry.ts';
import { resampleImage, resampleTaps } from './resample.ts';
import { checkImage, type RgbImage } from './rgb-image.ts';

/** A model's input, with the record of how the image was placed in it. */
export interface PreparedInput {
  /** [1, height, width, 3] in the model's channel order and scale; [1, height, width, 1] for a gray model. */
  readonly values: NdArray;
  readonly geometry: Geometry;
}

/**
 * Makes a model's input from an image: fit, resize, channel order, scale, mean and std.
 *
 * The same code runs everywhere, so the same pixels give the same input in Node and browsers.
 *
 * @throws RangeError when the image's data does not fit its sizes.
 */
export function prepareInput(image: RgbImage, input: InputDescription): PreparedInput {
  checkImage(image);
  return prepareView(image, input, fitImage(image, input));
}

/** As {@link prepareInput}, for a stated part of the image: a crop of it. */
export function prepareView(
  image: RgbImage,
  input: InputDescription,
  geometry: Geometry,
): PreparedInput {
  const pixels = resizeToInput(compositeOnWhite(image), geometry, input);
  const isGray = input.channelOrder === 'gray';
  const data = isGray ? toLuma(pixels) : pixels;
  if (isGray) scaleLuma(data, input);
  else scalePixels(data, input);
  return { values: { shape: [1, input.height, input.width, isGray ? 1 : 3], data }, geometry };
}

/** Weights of red, green and blue in the luma (ITU-R BT.601), as in Pillow's `convert('L')`. */
export const lumaWeights: readonly [red: number, green: number, blue: number] = [
  0.299, 0.587, 0.114,
];

/** RGB to one channel. The three equal channels of a gray picture give that channel again. */
function toLuma(pixels: Float32Array): Float32Array {
  const [red, green, blue] = lumaWeights;
  return Float32Array.from({ length: pixels.length / 3 }, (_, i) => {
    const at = 3 * i;
    return red * pixels[at]! + green * pixels[at + 1]! + blue * pixels[at + 2]!;
  });
}

function scaleLuma(values: Float32Array, { scale, mean, std }: InputDescription): void {
  const [m = 0] = mean;
  const [s = 1] = std;
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! * scale - m) / s;
}

/** Converts RGB of 0..255 to the model's channel order and scale, in place. */
function scalePixels(pixels: Float32Array, input: InputDescription): void {
  const { scale, mean, std } = input;
  const [m0 = 0, m1 = 0, m2 = 0] = mean;
  const [s0 = 1, s1 = 1, s2 = 1] = std;
  const [first, last] = input.channelOrder === 'rgb' ? [0, 2] : [2, 0];
  for (let i = 0; i < pixels.length; i += 3) {
    const a = pixels[i + first]!;
    const c = pixels[i + last]!;
    pixels[i] = (a * scale - m0) / s0;
    pixels[i + 1] = (pixels[i + 1]! * scale - m1) / s1;
    pixels[i + 2] = (c * scale - m2) / s2;
  }
}

/** Composites an image with alpha on white. An image without alpha is returned as it is. */
export function compositeOnWhite(image: RgbImage): RgbImage {
  if (image.channels === 3) return image;
  const count = image.width * image.height;
  const data = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    const alpha = image.data[i * 4 + 3]! / 255;
    for (let c = 0; c < 3; c++) {
      data[i * 3 + c] = Math.round(image.data[i * 4 + c]! * alpha + 255 * (1 - alpha));
    }
  }
  return { width: image.width, height: image.height, channels: 3, data };
}

function resizeToInput(image: RgbImage, { view }: Geometry, input: InputDescription): Float32Array {
  const { width, height, resize } = input;
  const across = resampleTaps(image.width, { start: view.x, length: view.width }, width, resize);
  const down = resampleTaps(image.height, { start: view.y, length: view.height }, height, resize);
  // The other filters overshoot at edges, so their results are limited to 0..255.
  const limits = resize === 'bilinear-antialias' ? null : ([0, 255] as const);
  const pixels = resampleImage(image, down, across, undefined, limits);
  if (input.fit === 'letterbox') paintBars(pixels, image, view, input);
  return pixels;
}

/** Gives input pixels whose centre lies outside the image the padding colour. */
function paintBars(
  pixels: Float32Array,
  image: RgbImage,
  view: Geometry['view'],
  input: InputDescription,
): void {
  for (let y = 0; y < input.height; y++) {
    const top = view.y + ((y + 0.5) / input.height) * view.height;
    for (let x = 0; x < input.width; x++) {
      const left = view.x + ((x + 0.5) / input.width) * view.width;
      if (top >= 0 && top < image.height && left >= 0 && left < image.width) continue;
      for (let c = 0; c < 3; c++) pixels[(y * input.width + x) * 3 + c] = input.pad[c] ?? 0;
    }
  }
}
