import { mainHead, type GraphNode, type Network } from '../../network/network.ts';
import { findImageInput, listTaps, type Tap } from '../../network/taps.ts';
import { indexNodes, listAncestors, selectNodes } from '../../network/walk-graph.ts';

/** Ops that have weights or join values: a layer after such an op holds other features than one before it. */
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
 * Finds the layer that `auto` means in a graph: the last image through which every path to the score goes,
 * and where an activation follows, the image after it.
 *
 * In ConvNeXt and hybrid nets no activation follows the residual stream. Then the stream itself is the layer,
 * because an activation in a branch beside it holds only the last block's contribution.
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
 * Whether a node only moves rows or columns: a flip, a roll, a part of the image. A map of such a layer would
 * not line up with the picture.
 */
function movesPlaces({ op }: GraphNode): boolean {
  const moving = ['slice', 'stride', 'gather', 'concatenate'];
  return moving.includes(op.kind) && 'axis' in op && op.axis < 2;
}

/** Whether every path from the picture to the scores goes through a node. */
function isPassedByAll(
  network: Network,
  nodes: ReadonlyMap<string, GraphNode>,
  node: string,
): boolean {
  const needed = listAncestors([mainHead(network).logits], nodes, new Set([node]));
  return !needed.has(findImageInput(network));
}
