import type { GraphNode, Head } from './network.ts';

/** Looks back from an output over reshapes for the softmax or sigmoid that made it. */
export function readHead(
  output: { readonly node: string; readonly shape: readonly number[] },
  nodes: ReadonlyMap<string, GraphNode>,
): Head {
  const classes = output.shape.reduce((product, size) => product * size, 1);
  let node = nodes.get(output.node)!;
  while (node.op.kind === 'reshape') node = nodes.get(node.inputs[0]!)!;
  if (node.op.kind === 'softmax' || node.op.kind === 'sigmoid') {
    const activation = node.op.kind;
    return { logits: node.inputs[0]!, probabilities: node.name, activation, classes };
  }
  return { logits: output.node, probabilities: null, activation: 'linear', classes };
}
