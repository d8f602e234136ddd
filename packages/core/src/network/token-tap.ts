import { leadsToAttention } from './grid/grid.ts';
import { mainHead, type Network } from './network.ts';
import type { Tap } from './tap.ts';
import { listCuts } from './walk-graph.ts';

/** Ops that are parts of an attention or of a block. They do not end a stage of a model of tokens. */
const projections: ReadonlySet<string> = new Set(['dense', 'channelScale', 'affine']);

/**
 * The layer that `auto` means where the scores are computed from tokens.
 *
 * Some nets compute the score from the cells of the picture alone, for example from their mean. Their layer
 * is the last value through whose cells the whole score passes. Other nets add tokens, such as a class
 * token, and compute the score from these. After their last attention the cells have no gradient, or only a
 * part of it. Their layer is therefore the normalisation whose tokens the last attention mixes
 * (`blocks.11.norm1`).
 *
 * @param taps layers between the picture and the scores whose cells are read, in order.
 * @returns null where the scores are computed from an image.
 */
export function findTokenTap(network: Network, image: string, taps: readonly Tap[]): Tap | null {
  if (taps.every(({ tokens }) => tokens === undefined)) return null;
  const cuts = listCuts(network, image, mainHead(network).logits);
  const through = taps.filter(({ node }) => cuts.has(node));
  const last = through.filter(({ op }) => !projections.has(op)).at(-1) ?? through.at(-1);
  if (last?.tokens === undefined) return null;
  if (last.tokens.before + last.tokens.after === 0) return last;
  const norms = taps.filter(({ tokens, op }) => tokens !== undefined && op === 'layerNorm');
  return norms.filter(({ node }) => leadsToAttention(network, node)).at(-1) ?? last;
}
