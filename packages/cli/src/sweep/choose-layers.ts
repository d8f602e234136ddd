import { listTaps, mainHead, type Network } from '@gradcam/core';

/** Frames of an animation: 24 at 0.4 seconds are ten seconds to watch. */
export const MAX_FRAMES = 24;

const activations: ReadonlySet<string> = new Set(['relu', 'prelu', 'activation', 'sigmoid']);

/**
 * The layers of a sweep, from the image to the scores: those after an activation on the way to the
 * scores, or all spatial ones of a net without; of more than {@link MAX_FRAMES}, as many in even
 * steps, with the first and the last.
 */
export function chooseLayers(network: Network): string[] {
  const inputs = new Map(network.nodes.map((node) => [node.name, node.inputs]));
  const used = new Set<string>();
  const pending = [mainHead(network).logits];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    pending.push(...(inputs.get(name) ?? []));
  }
  const taps = listTaps(network).filter(({ node }) => used.has(node));
  const activated = taps.filter(({ op }) => activations.has(op));
  const layers = (activated.length > 0 ? activated : taps).map(({ layer }) => layer);
  if (layers.length <= MAX_FRAMES) return layers;
  const step = (layers.length - 1) / (MAX_FRAMES - 1);
  return Array.from({ length: MAX_FRAMES }, (_, i) => layers[Math.round(i * step)]!);
}
