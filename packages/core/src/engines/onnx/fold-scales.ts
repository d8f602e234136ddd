import { listReaders } from '../../network/walk-graph.ts';
import type { GraphNode } from '../../network/network.ts';

/**
 * A derivative without the batch normalisations whose scale can be multiplied into the kernels after them.
 */
export interface FoldedNodes {
  readonly nodes: readonly GraphNode[];
  /**
   * Maps the name of an adjoint convolution to the `batchNormAdjoint` whose scale is multiplied into its
   * kernel.
   */
  readonly scales: ReadonlyMap<string, GraphNode>;
}

/**
 * Removes each batch normalisation of a derivative that only adjoint convolutions read. Its scale is
 * multiplied into their kernels, which are written for the derivative anyway. This saves one pass over the
 * image.
 *
 * @param kept names of the nodes that must stay because the caller asks for their values.
 */
export function foldScales(nodes: readonly GraphNode[], kept: ReadonlySet<string>): FoldedNodes {
  const readers = listReaders(nodes);
  const folded = new Map<string, GraphNode>();
  const scales = new Map<string, GraphNode>();
  for (const node of nodes) {
    const list = readers.get(node.name) ?? [];
    if (node.op.kind !== 'batchNormAdjoint' || kept.has(node.name) || list.length === 0) continue;
    if (!list.every(({ op }) => op.kind === 'conv2dAdjoint')) continue;
    folded.set(node.name, node);
    for (const reader of list) scales.set(reader.name, node);
  }
  const source = (name: string): string => folded.get(name)?.inputs[0] ?? name;
  return {
    nodes: nodes
      .filter(({ name }) => !folded.has(name))
      .map((node) => ({ ...node, inputs: node.inputs.map(source) })),
    scales,
  };
}

/** `gamma / sqrt(variance + epsilon)` of each channel. */
export function batchNormScale(
  gamma: Float32Array | null,
  variance: Float32Array,
  epsilon: number,
): Float32Array {
  return variance.map((value, i) => (gamma?.[i] ?? 1) / Math.sqrt(value + epsilon));
}

/**
 * A name that distinguishes the scale of a normalisation from all other scales. It lists everything from
 * which the scale is computed, because normalisations of an ONNX file may share some of their weights.
 */
export function nameScale({ weights }: Pick<GraphNode, 'weights'>, epsilon: number): string {
  return JSON.stringify([weights, epsilon]);
}
