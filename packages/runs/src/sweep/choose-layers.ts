import { hasGradient, isStage, listTaps, type Network } from '@gradcam/core';

/** Most frames of an animation: 24 frames of 0.4 seconds take ten seconds to watch. */
export const MAX_FRAMES = 24;

/**
 * The layers of a sweep, in the order from the image to the scores: the taps after an activation, for
 * tokens after a normalisation, or all taps of a network without these. If there are more than {@link
 * MAX_FRAMES} taps, that many are chosen in even steps, including the first and the last.
 *
 * @param needsGradient leaves out the layers at which the score has no gradient here.
 */
export function chooseLayers(network: Network, needsGradient: boolean): string[] {
  const all = listTaps(network, { between: true });
  const taps = needsGradient ? all.filter(({ node }) => hasGradient(network, node)) : all;
  const stages = taps.filter(isStage);
  const layers = (stages.length > 0 ? stages : taps).map(({ layer }) => layer);
  if (layers.length <= MAX_FRAMES) return layers;
  const step = (layers.length - 1) / (MAX_FRAMES - 1);
  return Array.from({ length: MAX_FRAMES }, (_, i) => layers[Math.round(i * step)]!);
}
