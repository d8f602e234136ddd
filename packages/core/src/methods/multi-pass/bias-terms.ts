import type { Session, Weights } from '../../engines/port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import { addedConstants, listAddedConstants } from './added-constants.ts';
import { mainHead, type GraphNode, type Network } from '../../network/network.ts';
import { indexNodes, selectNodes } from '../../network/walk-graph.ts';

/** A node that adds a constant to its result. */
export interface BiasedNode {
  readonly node: GraphNode;
  /** One number for each channel, one for all, or one for each element. */
  readonly bias: Float64Array;
}

/** The biases of the nodes that the scores depend on. */
export interface Biases {
  /** Convolutions, dense layers, batch normalisations, shifts with an offset, and added constants. */
  readonly biased: readonly BiasedNode[];
  /** ReLUs with an upper bound. Where the bound is reached, the ReLU adds it as a constant. */
  readonly capped: readonly { readonly node: GraphNode; readonly bound: number }[];
}

/**
 * Reads the biases of a network. The constant `beta - mean * gamma / sqrt(variance + epsilon)` that a batch
 * normalisation adds counts as its bias.
 *
 * @throws GradcamError `unsupported` for a session that does not give its weights.
 * @see Srinivas and Fleuret 2019, arXiv 1905.00780, section 3.1
 */
export async function readBiases(session: Session): Promise<Biases> {
  const { network } = session;
  const ofScores = listNodesOfScores(network);
  const byName = indexNodes({ nodes: ofScores });
  const nodes = ofScores.filter(hasBias);
  const joined = ofScores.filter((node) => listAddedConstants(node, byName).length > 0);
  const names = new Set([
    ...nodes.flatMap((node) => biasRoles(node).map(([, name]) => name)),
    ...joined.flatMap((node) =>
      listAddedConstants(node, byName).map(({ weights }) => weights['value']!),
    ),
  ]);
  if (session.readWeights === undefined) {
    throw new GradcamError(
      'unsupported',
      `full-grad needs the biases of model ${network.name}, which this session does not give; use input-x-gradient`,
    );
  }
  const weights = await session.readWeights([...names]);
  return {
    biased: [
      ...nodes.map((node) => ({ node, bias: biasOf(node, weights) })),
      ...joined.map((node) => ({ node, bias: addedConstants(node, byName, weights) })),
    ],
    capped: ofScores.flatMap((node) =>
      node.op.kind === 'relu' && node.op.max !== null ? [{ node, bound: node.op.max }] : [],
    ),
  };
}

/** The nodes that the logits of the first output depend on, in the network's order. */
export function listNodesOfScores(network: Network): GraphNode[] {
  return selectNodes(network, [mainHead(network).logits]);
}

function hasBias({ op, weights }: GraphNode): boolean {
  if (op.kind === 'affine') return op.offset.some((value) => value !== 0);
  return op.kind === 'batchNorm' || weights['bias'] !== undefined;
}

/** The weights from which a node's bias is computed, each with its role. */
function biasRoles({ op, weights }: GraphNode): [role: string, name: string][] {
  const roles = op.kind === 'batchNorm' ? ['mean', 'variance', 'gamma', 'beta'] : ['bias'];
  return roles.flatMap((role) => {
    const name = weights[role];
    return name === undefined ? [] : [[role, name]];
  });
}

function biasOf(node: GraphNode, weights: Weights): Float64Array {
  const { op } = node;
  if (op.kind === 'affine') return Float64Array.from(op.offset);
  const found = new Map(biasRoles(node).map(([role, name]) => [role, weights.get(name)!.data]));
  if (op.kind !== 'batchNorm') return Float64Array.from(found.get('bias')!);
  const { mean, variance } = { mean: found.get('mean')!, variance: found.get('variance')! };
  return Float64Array.from(mean, (value, k) => {
    const scale = (found.get('gamma')?.[k] ?? 1) / Math.sqrt(variance[k]! + op.epsilon);
    return (found.get('beta')?.[k] ?? 0) - value * scale;
  });
}
