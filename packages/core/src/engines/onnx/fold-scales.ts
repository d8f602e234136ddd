import { listReaders } from '../../network/walk-graph.ts';
import type { GraphNode } from '../../network/network.ts';

/** A derivative without the batch normalisations whose scale the kernels behind them can take over. */
export interface FoldedNodes {
  readonly nodes: readonly GraphNode[];
  /** By the name of an adjoint convolution, the `batchNormAdjoint` whose scale its kernel takes over. */
  readonly scales: ReadonlyMap<string, GraphNode>;
}

/**
 * Takes out of a derivative each batch normalisation that only adjoint convolutions read. Its scale goes into
 * their kernels, which are written for the derivative anyway, and one pass over the image is saved.
 *
 * @param kept names of nodes whose values the caller asks for, which have to stay.
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
 * Tells the scale of a normalisation from all others, by everything that it is made of: equal weights of an
 * ONNX file are one, so that two normalisations may share some.
 */
export function nameScale({ weights }: Pick<GraphNode, 'weights'>, epsilon: number): string {
  return JSON.stringify([weights, epsilon]);
}
