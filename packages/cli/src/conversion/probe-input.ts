import type { InputDescription, NdArray } from '@gradcam/core';

/** Name of the generator below. A change of the numbers that it makes needs a new name. */
export const PROBE_GENERATOR = 'smooth-waves-1';

export const PROBE_SEED = 1;

/**
 * Draws the fixed input of the probe: smooth waves in 0..255 in each channel. The numbers are the same on
 * every machine, because they are sums and products of integers until the last division.
 *
 * @returns [1, height, width, channels], prepared as the model takes it.
 */
export function drawProbeInput(
  input: Pick<InputDescription, 'height' | 'width' | 'channelOrder' | 'scale' | 'mean' | 'std'>,
): NdArray {
  const { height, width, channelOrder, scale, mean, std } = input;
  const channels = channelOrder === 'gray' ? 1 : 3;
  const data = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const colour = channelOrder === 'bgr' ? 2 - c : c;
        const pixel = drawPixel(x, y, colour);
        data[(y * width + x) * channels + c] = (pixel * scale - (mean[c] ?? 0)) / (std[c] ?? 1);
      }
    }
  }
  return { shape: [1, height, width, channels], data };
}

/** One pixel of triangle waves with three periods and directions, 0..255. */
function drawPixel(x: number, y: number, colour: number): number {
  const triangle = (phase: number, period: number): number => {
    const within = ((phase % period) + period) % period;
    return Math.floor((255 * Math.min(within, period - within) * 2) / period);
  };
  const waves = [
    triangle((3 + PROBE_SEED) * x + 2 * y, 97 + 31 * colour),
    triangle(5 * y - 2 * x, 61 + 17 * colour),
    triangle((x * y) % 4099, 211 + 13 * colour),
  ];
  return Math.floor(waves.reduce((sum, wave) => sum + wave, 0) / 3);
}
