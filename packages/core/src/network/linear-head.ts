import { mainHead, type GraphNode, type Network } from './network.ts';
import { indexNodes } from './walk-graph.ts';

/**
 * Whether only the mean over a layer's grid and one linear layer lie between the layer and the logits.
 * CAM is defined for this tail (Zhou et al. 2016).
 */
export function hasMeanAndLinearHead(network: Network, layer: string): boolean {
  const nodes = indexNodes(network);
  const steps: string[] = [];
  let node = nodes.get(mainHead(network).logits);
  while (node !== undefined && node.name !== layer) {
    if (node.inputs.length !== 1) return false;
    if (node.op.kind !== 'reshape') steps.unshift(isLinear(node, nodes) ? 'linear' : node.op.kind);
    node = nodes.get(node.inputs[0]!);
  }
  return node !== undefined && steps.join() === 'globalAveragePool,linear';
}

/** Whether a node is a dense layer, or a convolution over an image of one cell. */
function isLinear({ op, inputs }: GraphNode, nodes: ReadonlyMap<string, GraphNode>): boolean {
  if (op.kind === 'dense') return true;
  const [height, width] = nodes.get(inputs[0]!)!.shape;
  return op.kind === 'conv2d' && op.groups === 1 && height === 1 && width === 1;
}
