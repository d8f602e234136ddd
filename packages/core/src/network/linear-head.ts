import { mainHead, type GraphNode, type Network } from './network.ts';
import { indexNodes } from './taps.ts';

/**
 * Whether a layer is followed by the mean over its grid and one linear layer, and nothing else up to
 * the logits: the tail for which CAM is defined (Zhou et al. 2016).
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

/** A dense layer, or a convolution over an image of one cell. */
function isLinear({ op, inputs }: GraphNode, nodes: ReadonlyMap<string, GraphNode>): boolean {
  if (op.kind === 'dense') return true;
  const [height, width] = nodes.get(inputs[0]!)!.shape;
  return op.kind === 'conv2d' && op.groups === 1 && height === 1 && width === 1;
}
