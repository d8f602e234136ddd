import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, type Constant, type Values } from '../constant.ts';

/** The numbers of a batch normalisation, one for each channel. */
export interface ChannelNumbers {
  readonly scale: Constant;
  readonly offset: Constant;
  /** Null to take mean and variance of the values themselves, as in training. */
  readonly statistics: { readonly mean: Constant; readonly variance: Constant } | null;
  readonly epsilon: number;
}

/**
 * Normalises each channel of a constant [items, channels, ..]. PyTorch writes weight standardisation as a
 * batch normalisation in training mode of a convolution's kernel.
 */
export function standardiseChannels(
  x: Constant,
  name: string,
  { scale, offset, statistics, epsilon }: ChannelNumbers,
): Constant {
  const channels = x.shape[1] ?? 1;
  const inner = countElements(x.shape.slice(2));
  return lazyConstant(name, 'float', x.shape, () => {
    const values = x.values();
    const made = new Float32Array(values.length);
    const [scales, offsets] = [scale.values(), offset.values()];
    const [means, variances] =
      statistics === null
        ? channelStatistics(values, channels, inner)
        : [statistics.mean.values(), statistics.variance.values()];
    for (let start = 0; start < values.length; start += inner) {
      const channel = (start / inner) % channels;
      const factor = scales[channel]! / Math.sqrt(variances[channel]! + epsilon);
      const [from, shift] = [means[channel]!, offsets[channel]!];
      for (let i = start; i < start + inner; i++) made[i] = (values[i]! - from) * factor + shift;
    }
    return made;
  });
}

function channelStatistics(
  values: Values,
  channels: number,
  inner: number,
): [means: Float64Array, variances: Float64Array] {
  const [means, variances] = [new Float64Array(channels), new Float64Array(channels)];
  const each = values.length / channels;
  for (let start = 0; start < values.length; start += inner) {
    const channel = (start / inner) % channels;
    for (let i = start; i < start + inner; i++) means[channel]! += values[i]! / each;
  }
  for (let start = 0; start < values.length; start += inner) {
    const channel = (start / inner) % channels;
    const mean = means[channel]!;
    for (let i = start; i < start + inner; i++) {
      variances[channel]! += (values[i]! - mean) ** 2 / each;
    }
  }
  return [means, variances];
}
