import { computeGradCamWeights } from './grad-cam.ts';
import { sumCells } from './map-algebra.ts';
import type { MethodInputs } from '../method.ts';

/** What one channel of a layer has to do with a class. */
export interface ChannelShare {
  readonly channel: number;
  /** w_k, how a channel counts; Grad-CAM's unless others are given. */
  readonly weight: number;
  /** w_k sum_p A_k(p): what the channel adds to the sum of the raw map. */
  readonly contribution: number;
}

/**
 * The channels that speak most for a class and most against it. Contributions add up to the sum of
 * the raw map; for a net that ends in a mean and one linear layer, Grad-CAM's are each channel's part
 * of the logit, without the bias.
 *
 * @param count how many of each at most; only channels that do speak so are listed.
 * @param weights one for each channel; default Grad-CAM's.
 * @returns top: largest contribution first; bottom: most negative first; equal ones by channel.
 */
export function rankChannels(
  { activations, gradients }: MethodInputs,
  count: number,
  weights: ArrayLike<number> = computeGradCamWeights(gradients),
): { readonly top: readonly ChannelShare[]; readonly bottom: readonly ChannelShare[] } {
  const shares = Array.from(sumCells(activations), (sum, channel) => {
    const weight = weights[channel]!;
    return { channel, weight, contribution: weight * sum };
  });
  const sorted = shares.sort((a, b) => b.contribution - a.contribution || a.channel - b.channel);
  const against = shares.filter(({ contribution }) => contribution < 0);
  return {
    top: sorted.filter(({ contribution }) => contribution > 0).slice(0, count),
    bottom: against
      .sort((a, b) => a.contribution - b.contribution || a.channel - b.channel)
      .slice(0, count),
  };
}
