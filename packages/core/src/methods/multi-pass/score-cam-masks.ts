import type { NdArray } from '../../base/nd-array.ts';
import { resampleImage, resampleTaps } from '../../image/resample.ts';

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
 * Channels enlarged to the input's size (bilinear, half-pixel) and brought to 0..1 by their minimum and
 * maximum there: H_k = s(Up(A_k)) of Score-CAM.
 *
 * @param activations [rows, columns, channels].
 * @returns a channel's mask, [height, width]; each is overwritten by the next.
 */
export function channelMasks(
  activations: NdArray,
  height: number,
  width: number,
): (channel: number) => Float32Array {
  const [rows = 1, columns = 1, channels = 1] = activations.shape;
  const down = resampleTaps(rows, { start: 0, length: rows }, height);
  const across = resampleTaps(columns, { start: 0, length: columns }, width);
  const data = new Float32Array(rows * columns);
  const mask = new Float32Array(height * width);
  return (channel) => {
    for (let i = 0; i < data.length; i++) data[i] = activations.data[i * channels + channel]!;
    resampleImage({ width: columns, height: rows, channels: 1, data }, down, across, mask);
    scaleToUnit(mask);
    return mask;
  };
}

/** An input smaller than the layer can average a channel to one value: then it hides nothing. */
function scaleToUnit(mask: Float32Array): void {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < mask.length; i++) {
    const value = mask[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (!(most > least)) {
    mask.fill(1);
    return;
  }
  for (let i = 0; i < mask.length; i++) mask[i] = (mask[i]! - least) / (most - least);
}
