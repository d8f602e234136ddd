import type { GraphNode, Head } from '../../network/network.ts';

/** Finds the softmax or sigmoid that made an output, through reshapes, and reads the head. */
export function readHead(
  output: { readonly node: string; readonly shape: readonly number[] },
  nodes: ReadonlyMap<string, GraphNode>,
): Head {
  const classes = output.shape.reduce((product, size) => product * size, 1);
  let node = nodes.get(output.node)!;
  while (node.op.kind === 'reshape') node = nodes.get(node.inputs[0]!)!;
  if (node.op.kind === 'softmax' || node.op.kind === 'sigmoid') {
    const activation = node.op.kind;
    const logits = node.inputs[0]!;
    const shape = scoresShape(nodes.get(logits)!, nodes);
    return { logits, probabilities: node.name, activation, shape, classes };
  }
  const shape = scoresShape(nodes.get(output.node)!, nodes);
  return { logits: output.node, probabilities: null, activation: 'linear', shape, classes };
}

/**
 * The shape of the scores. Segmentation nets often reshape an image of scores to [rows * columns,
 * classes] at the end. The order of the numbers stays the same, and the image says where each of them
 * lies.
 */
function scoresShape(
  { op, inputs, shape }: GraphNode,
  nodes: ReadonlyMap<string, GraphNode>,
): readonly number[] {
  if (op.kind !== 'reshape' || shape.length !== 2) return shape;
  const before = scoresShape(nodes.get(inputs[0]!)!, nodes);
  return before.length === 3 && before[2] === shape[1] ? before : shape;
}
