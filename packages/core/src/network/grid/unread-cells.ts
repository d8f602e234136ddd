import { readsCells } from './grid.ts';
import type { Network } from '../network.ts';

/**
 * Explains why the gradient at a layer of tokens is zero whatever the weights are; null where the scores
 * depend on the cells of the picture at this layer.
 *
 * @param layer the name of the layer in messages.
 */
export function describeUnreadCells(network: Network, layer: string, node: string): string | null {
  if (readsCells(network, node)) return null;
  return `behind layer '${layer}' the scores read only tokens that are no part of the picture, such as a class token, so their gradient is zero at all of the picture's tokens`;
}
