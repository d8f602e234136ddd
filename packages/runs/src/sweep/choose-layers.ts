import { listTaps, type Network } from '@gradcam/core';

/** Frames of an animation: 24 at 0.4 seconds are ten seconds to watch. */
export const MAX_FRAMES = 24;

/**
 * The layers of a sweep, from the image to the scores: those after an activation on the way between the two,
 * or all spatial ones of a net without; of more than {@link MAX_FRAMES}, as many in even steps, with the first
 * and the last.
 */
export function chooseLayers(network: Network): string[] {
  const taps = listTaps(network, { between: true });
  const activated = taps.filter((tap) => tap.activated);
  const layers = (activated.length > 0 ? activated : taps).map(({ layer }) => layer);
  if (layers.length <= MAX_FRAMES) return layers;
  const step = (layers.length - 1) / (MAX_FRAMES - 1);
  return Array.from({ length: MAX_FRAMES }, (_, i) => layers[Math.round(i * step)]!);
}
