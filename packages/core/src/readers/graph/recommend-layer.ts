import { mainHead, type GraphNode, type Network } from '../../network/network.ts';
import type { Tap } from '../../network/tap.ts';
import { findImageInput, listTaps } from '../../network/taps.ts';
import { findTokenTap } from '../../network/token-tap.ts';
import { indexNodes, listAncestors, listCuts, selectNodes } from '../../network/walk-graph.ts';

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
 * and where an activation follows, the image after it. For a graph of tokens see {@link findTokenTap}.
 *
 * In ConvNeXt and hybrid nets no activation follows the residual stream. Then the stream itself is the layer,
 * because an activation in a branch beside it holds only the last block's contribution. A node that only
 * changes the shape is replaced by the node that computed the value.
 *
 * @returns null for a model without an image between its input and its scores.
 */
export function recommendGraphLayer(network: Network): Tap | null {
  const nodes = indexNodes(network);
  const image = findImageInput(network);
  const taps = listTaps(network, { between: true });
  const found = findTokenTap(network, image, taps) ?? findImageTap(network, taps);
  return found === null ? null : beforeReshapes(found, taps, nodes);
}

function findImageTap(network: Network, taps: readonly Tap[]): Tap | null {
  const nodes = indexNodes(network);
  const cuts = listCuts(network, findImageInput(network), mainHead(network).logits);
  const through = taps.filter(({ node }) => cuts.has(node));
  const last = through.filter(({ node }) => !movesPlaces(nodes.get(node)!)).at(-1) ?? null;
  const activated = through.filter((tap) => tap.activated).at(-1) ?? null;
  if (last === null || activated === null) return last;
  const before = listAncestors([activated.node], nodes);
  const between = selectNodes(network, [last.node], before);
  return between.some(({ op }) => changing.has(op.kind)) ? last : activated;
}

/** The tap whose cells another one only has in another shape, or without other tokens. */
function beforeReshapes(
  tap: Tap,
  taps: readonly Tap[],
  nodes: ReadonlyMap<string, GraphNode>,
): Tap {
  const { op, inputs } = nodes.get(tap.node)!;
  if (op.kind !== 'reshape' && op.kind !== 'slice') return tap;
  const before = taps.find(
    ({ node, shape }) => node === inputs[0] && shape.join() === tap.shape.join(),
  );
  return before === undefined ? tap : beforeReshapes(before, taps, nodes);
}

/**
 * Whether a node only moves rows or columns: a flip, a roll, a part of the image. A map of such a layer would
 * not line up with the picture.
 */
function movesPlaces({ op }: GraphNode): boolean {
  const moving = ['slice', 'stride', 'gather', 'concatenate'];
  return moving.includes(op.kind) && 'axis' in op && op.axis < 2;
}
