import { mainHead, type GraphNode, type Network } from '../../network/network.ts';
import { findImageInput, listTaps, type Tap } from '../../network/taps.ts';
import { indexNodes, listAncestors, selectNodes } from '../../network/walk-graph.ts';

/** Ops with weights, or that join: behind them a layer says something else than before. */
const changing: ReadonlySet<string> = new Set([
  ...[
    'conv2d',
    'depthwiseConv2d',
    'conv2dAdjoint',
    'dense',
    'layerNorm',
    'batchNorm',
    'add',
    'multiply',
  ],
]);

/**
 * The layer that `auto` means in a graph: the last image that all of the score goes through, after its
 * activation where it ends in one.
 *
 * A residual stream that no activation ends (ConvNeXt, hybrids) is taken itself: an activation beside it,
 * in a branch, holds only what the last block adds.
 *
 * @returns null for a model without an image between its input and its scores.
 */
export function recommendGraphLayer(network: Network): Tap | null {
  const nodes = indexNodes(network);
  const through = listTaps(network, { between: true }).filter(({ node }) =>
    isPassedByAll(network, nodes, node),
  );
  const last = through.filter(({ node }) => !movesPlaces(nodes.get(node)!)).at(-1) ?? null;
  const activated = through.filter((tap) => tap.activated).at(-1) ?? null;
  if (last === null || activated === null) return last;
  const before = listAncestors([activated.node], nodes);
  const between = selectNodes(network, [last.node], before);
  return between.some(({ op }) => changing.has(op.kind)) ? last : activated;
}

/**
 * Whether a node only takes rows or columns to other places: a flip, a roll, a part of the image. A map
 * there would not lie where the picture has what it shows.
 */
function movesPlaces({ op }: GraphNode): boolean {
  const moving = ['slice', 'stride', 'gather', 'concatenate'];
  return moving.includes(op.kind) && 'axis' in op && op.axis < 2;
}

/** Whether nothing of the picture reaches the scores around a node. */
function isPassedByAll(
  network: Network,
  nodes: ReadonlyMap<string, GraphNode>,
  node: string,
): boolean {
  const needed = listAncestors([mainHead(network).logits], nodes, new Set([node]));
  return !needed.has(findImageInput(network));
}
