import { computeGradCamWeights } from './grad-cam.ts';
import { sumCells } from './map-algebra.ts';
import type { MethodInputs } from '../shared-pass.ts';

/** How much one channel of a layer contributes to the map of a class. */
export interface ChannelShare {
  readonly channel: number;
  /** The channel's weight w_k; Grad-CAM's unless other weights were given. */
  readonly weight: number;
  /** w_k sum_p A_k(p): the channel's part of the sum of the raw map. */
  readonly contribution: number;
}

/**
 * Lists the channels that speak most for a class and most against it. The contributions of all channels
 * add up to the sum of the raw map. In a net that ends in a mean and one linear layer, Grad-CAM's
 * contributions are the channels' parts of the logit, without the bias.
 *
 * @param count the most channels of each list. `top` has only positive contributions, `bottom` negative.
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
