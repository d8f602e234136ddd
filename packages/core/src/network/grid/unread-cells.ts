import { readsCells } from './grid.ts';
import type { Network } from '../network.ts';

/**
 * Why no gradient can be seen at a layer of tokens, whatever the weights; null where the scores read the
 * cells of the picture there.
 *
 * @param layer the layer's name for its user.
 */
export function describeUnreadCells(network: Network, layer: string, node: string): string | null {
  if (readsCells(network, node)) return null;
  return `behind layer '${layer}' the scores read only tokens that are no part of the picture, such as a class token, so their gradient is zero at all of the picture's tokens`;
}
