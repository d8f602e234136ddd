import { createGaussian } from '../../methods/multi-pass/gaussian.ts';
import type { NdArray } from '../../base/nd-array.ts';
import type { Weights } from '../../engines/port/engine.ts';
import type { GraphNode, Network } from '../../network/network.ts';

/** A layer whose weights are replaced in one step of a cascade. */
export interface RandomisedLayer {
  /** Name of the layer's node. */
  readonly layer: string;
  /** Names of its learnt weights in the manifest. */
  readonly weights: readonly string[];
}

/**
 * Weights that are measured and not learnt: the statistics of a batch normalisation keep the values of the
 * layer in their range, and a negative variance would have no root.
 */
const measuredRoles: readonly string[] = ['mean', 'variance'];

/**
 * The layers of a network with learnt weights, from the output to the input. A constant counts where a matrix
 * product reads it, as exported transformers have their kernels; other constants, such as the mean that an
 * input subtracts, are not learnt. A weight that several layers share belongs to the one nearest the output.
 */
export function listRandomisableLayers(network: Network): readonly RandomisedLayer[] {
  const kernels = new Set(
    network.nodes.filter(({ op }) => op.kind === 'matMul').flatMap(({ inputs }) => inputs),
  );
  const seen = new Set<string>();
  const layers: RandomisedLayer[] = [];
  for (const node of [...network.nodes].reverse()) {
    if (node.op.kind === 'constant' && !kernels.has(node.name)) continue;
    const weights = learntWeights(node).filter((name) => !seen.has(name));
    for (const name of weights) seen.add(name);
    if (weights.length > 0) layers.push({ layer: node.name, weights });
  }
  return layers;
}

function learntWeights({ weights }: GraphNode): string[] {
  return Object.entries(weights)
    .filter(([role]) => !measuredRoles.includes(role))
    .map(([, name]) => name);
}

/**
 * Replaces weights by Gaussian noise with the mean and standard deviation that each weight had, so that the
 * values of the network stay in their range while everything learnt is gone.
 *
 * @param names of the weights that are replaced.
 * @param seed of the noise. A weight gets the same noise whichever others are replaced.
 * @returns a new map; the other weights are the given ones.
 */
export function randomiseWeights(
  weights: Weights,
  names: readonly string[],
  seed: number,
): Weights {
  const replaced = new Map(weights);
  for (const name of names) {
    const array = weights.get(name);
    if (array !== undefined) replaced.set(name, noiseLike(array, seed + hashName(name)));
  }
  return replaced;
}

function noiseLike({ shape, data }: NdArray, seed: number): NdArray {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  const gaussian = createGaussian(seed);
  const deviation = Math.sqrt(variance);
  return { shape, data: data.map(() => mean + deviation * gaussian()) };
}

/** FNV-1a with 32 bits: a hash that gives each name a seed of its own. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
