import type { NdArray } from '../base/nd-array.ts';
import type { ChannelOrder } from '../artifact/artifact.ts';

/**
 * Merges the channels of a map: each pixel gets the largest magnitude, as Simonyan et al. 2013
 * (arXiv 1312.6034, section 3.1) show gradients. A map without channels is returned as it is.
 *
 * @param raw [rows, columns] or [rows, columns, channels].
 * @returns [rows, columns]
 */
export function mergeChannels(raw: NdArray): NdArray {
  const [rows = 1, columns = 1, channels] = raw.shape;
  if (channels === undefined) return raw;
  const data = new Float32Array(rows * columns);
  raw.data.forEach((value, i) => {
    const pixel = Math.floor(i / channels);
    data[pixel] = Math.max(data[pixel]!, Math.abs(value));
  });
  return { shape: [rows, columns], data };
}

/**
 * Adds the channels of a map: each pixel gets their signed sum, so that evidence for a class in one channel
 * and against it in another cancel. A map without channels is returned as it is.
 *
 * @param raw [rows, columns] or [rows, columns, channels].
 * @returns [rows, columns]
 */
export function sumChannels(raw: NdArray): NdArray {
  const [rows = 1, columns = 1, channels] = raw.shape;
  if (channels === undefined) return raw;
  const data = new Float32Array(rows * columns);
  raw.data.forEach((value, i) => (data[Math.floor(i / channels)]! += value));
  return { shape: [rows, columns], data };
}

/** Brings a map from the model's channel order to RGB. A map of a gray model has one channel and stays. */
export function toRgbOrder(map: NdArray, order: ChannelOrder): NdArray {
  if (order !== 'bgr' || map.shape[2] !== 3) return map;
  const data = map.data.map((_, i) => map.data[i - (i % 3) + 2 - (i % 3)]!);
  return { shape: map.shape, data };
}
