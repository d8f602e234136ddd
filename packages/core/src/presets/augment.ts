import type { NdArray } from '../base/nd-array.ts';

/** One of the inputs over which pytorch-grad-cam's aug_smooth takes the mean of its displayed maps. */
export interface Augmentation {
  readonly isFlipped: boolean;
  readonly factor: number;
}

/**
 * The six inputs of aug_smooth: each of two sides, times 0.9, 1 and 1.1.
 *
 * @see jacobgil/pytorch-grad-cam: base_cam.py, forward_augmentation_smoothing
 */
export const augmentations: readonly Augmentation[] = [false, true].flatMap((isFlipped) =>
  [0.9, 1, 1.1].map((factor) => ({ isFlipped, factor })),
);

/** The input [1, height, width, channels], mirrored left to right where asked, and multiplied. */
export function augment(input: NdArray, { isFlipped, factor }: Augmentation): NdArray {
  const [, height = 1, width = 1, channels = 1] = input.shape;
  const turned = isFlipped ? mirror(input.data, height, width, channels) : input.data;
  return { shape: input.shape, data: turned.map((value) => value * factor) };
}

/** A displayed map [height, width] of an augmented input, mirrored back. */
export function turnBack({ shape, data }: NdArray, { isFlipped }: Augmentation): NdArray {
  const [height = 1, width = 1] = shape;
  return isFlipped ? { shape, data: mirror(data, height, width, 1) } : { shape, data };
}

function mirror(data: Float32Array, height: number, width: number, channels: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      result.set(data.subarray(from, from + channels), (y * width + width - 1 - x) * channels);
    }
  }
  return result;
}

/** The mean of maps of one shape. */
export function meanOfMaps(maps: readonly NdArray[]): NdArray {
  const [first] = maps as [NdArray];
  const sums = new Float64Array(first.data.length);
  for (const { data } of maps) data.forEach((value, i) => (sums[i]! += value));
  return { shape: first.shape, data: Float32Array.from(sums, (sum) => sum / maps.length) };
}
