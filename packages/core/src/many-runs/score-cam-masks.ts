import type { NdArray } from '../array/nd-array.ts';
import { resampleImage, resampleTaps } from '../image/resample.ts';

/** A channel of a layer, ready to make a mask of. */
export interface MaskChannel {
  readonly channel: number;
  readonly deviation: number;
}

/**
 * The channels worth a run of the model, those that vary most first.
 *
 * A constant channel has no mask (its minimum is its maximum) and moves no peak, so it is never among
 * them. Equal deviations keep the channels' order.
 *
 * @param activations [rows, columns, channels].
 * @param count how many at most.
 * @see Faster Score-CAM, which keeps the channels of the largest standard deviation
 */
export function chooseChannels(activations: NdArray, count: number): MaskChannel[] {
  const channels = activations.shape.at(-1) ?? 1;
  const cells = activations.data.length / channels;
  const found: MaskChannel[] = [];
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let i = 0; i < cells; i++) sum += activations.data[i * channels + channel]!;
    let squares = 0;
    let isConstant = true;
    for (let i = 0; i < cells; i++) {
      const value = activations.data[i * channels + channel]!;
      squares += (value - sum / cells) ** 2;
      isConstant &&= value === activations.data[channel];
    }
    if (!isConstant) found.push({ channel, deviation: Math.sqrt(squares / cells) });
  }
  return found.sort((a, b) => b.deviation - a.deviation || a.channel - b.channel).slice(0, count);
}

/**
 * One channel enlarged to the input's size (bilinear, half-pixel) and brought to 0..1 by its minimum
 * and maximum there: H_k = s(Up(A_k)) of Score-CAM.
 *
 * @returns [height, width]
 */
export function createChannelMask(
  activations: NdArray,
  channel: number,
  height: number,
  width: number,
): Float32Array {
  const [rows = 1, columns = 1, channels = 1] = activations.shape;
  const data = Float32Array.from(
    { length: rows * columns },
    (_, i) => activations.data[i * channels + channel]!,
  );
  const mask = resampleImage(
    { width: columns, height: rows, channels: 1, data },
    resampleTaps(rows, { start: 0, length: rows }, height),
    resampleTaps(columns, { start: 0, length: columns }, width),
  );
  let least = Infinity;
  let most = -Infinity;
  for (const value of mask) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  // An input smaller than the layer can average a channel to one value: then it hides nothing.
  return mask.map((value) => (most > least ? (value - least) / (most - least) : 1));
}
