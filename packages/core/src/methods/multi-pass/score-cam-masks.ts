import type { NdArray } from '../../base/nd-array.ts';
import { enlargeMap } from '../../image/enlarge-map.ts';

/** A channel that can become a mask. */
export interface MaskChannel {
  readonly channel: number;
  /** Standard deviation of the channel's activations. */
  readonly deviation: number;
}

/**
 * The channels that are worth a pass of the model, those that vary most first.
 *
 * A constant channel has no mask, since its minimum is its maximum, and it adds the same to every cell,
 * so it is left out. Channels of equal deviation keep their order.
 *
 * @param activations [rows, columns, channels].
 * @param count the most channels that are wanted.
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
 * Makes masks of channels: H_k = s(Up(A_k)) of Score-CAM. A channel is enlarged to the input's size
 * (bilinear, half-pixel) and scaled to 0..1 by its minimum and maximum there.
 *
 * @param activations [rows, columns, channels].
 * @param size of the input.
 * @returns a function that gives the mask of a channel, [height * width]. Each call overwrites the mask
 *   of the call before.
 */
export function channelMasks(
  activations: NdArray,
  size: readonly [height: number, width: number],
): (channel: number) => Float32Array {
  const [rows = 1, columns = 1, channels = 1] = activations.shape;
  const data = new Float32Array(rows * columns);
  const mask = new Float32Array(size[0] * size[1]);
  return (channel) => {
    for (let i = 0; i < data.length; i++) data[i] = activations.data[i * channels + channel]!;
    enlargeMap({ shape: [rows, columns], data }, size, mask);
    scaleToUnit(mask);
    return mask;
  };
}

/**
 * Scales a mask to 0..1, in place. An input smaller than the layer can average a channel to one value;
 * such a mask hides nothing.
 */
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
