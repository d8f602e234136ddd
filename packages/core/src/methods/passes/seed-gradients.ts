import { batchItem, type NdArray } from '../../base/nd-array.ts';
import type { Session } from '../../engines/port/engine.ts';
import type { Seed } from '../../engines/port/seed.ts';
import { mainHead } from '../../network/network.ts';
import type { MethodInputs } from '../shared-pass.ts';
import type { SeededRunOptions } from './batched-runs.ts';
import { imageInput, resolveRanks, scoreLogits } from './forward-pass.ts';
import { cellsAt } from './layer-cells.ts';

/** Seeds without ranks, with their scores of one input. */
export interface ScoredSeeds {
  readonly seeds: readonly Seed[];
  /** One score for each seed. */
  readonly scores: Float64Array;
  /** Values of the requested nodes, without the batch axis; values of layers are on their grids. */
  readonly outputs: ReadonlyMap<string, NdArray>;
}

/**
 * Scores one input. Every rank among the seeds becomes the class that has this rank there.
 *
 * @param outputs nodes whose values are wanted too.
 */
export async function scoreInput(
  session: Session,
  input: NdArray,
  { seeds, signal }: Pick<SeededRunOptions, 'seeds' | 'signal'>,
  outputs: readonly string[] = [],
): Promise<ScoredSeeds> {
  signal?.throwIfAborted();
  const result = await session.run({ inputs: imageInput(session, input), outputs });
  signal?.throwIfAborted();
  const head = mainHead(session.network);
  const resolved = resolveRanks(seeds, batchItem(result.logits, 0).data, head);
  const at = (name: string): NdArray => cellsAt(session.network, name, result.outputs.get(name)!);
  return {
    seeds: resolved,
    scores: Float64Array.from(scoreLogits(result.logits, resolved, head).data),
    outputs: new Map(outputs.map((name) => [name, batchItem(at(name), 0)])),
  };
}

/**
 * Gradients of each seed's score at one node, for a batch of inputs.
 *
 * @returns one array [batch, ..] for each seed; at a layer, it is on the layer's grid.
 */
export async function gradientsAt(
  session: Session,
  node: string,
  inputs: NdArray,
  seeds: readonly Seed[],
): Promise<NdArray[]> {
  const { gradients } = await session.run({
    inputs: imageInput(session, inputs),
    outputs: [],
    gradient: { seeds, wrt: [node], relu: 'plain' },
  });
  return gradients.map((ofSeed) => cellsAt(session.network, node, ofSeed.get(node)!));
}

/**
 * Activations of a layer for one input, with the gradients there, for each seed.
 *
 * @param seeds scores, or gradients of a score at the logits.
 */
export async function valuesAtLayer(
  session: Session,
  layer: string,
  input: NdArray,
  seeds: readonly (Seed | Float32Array)[],
): Promise<MethodInputs[]> {
  const result = await session.run({
    inputs: imageInput(session, input),
    outputs: [layer],
    gradient: { seeds, wrt: [layer], relu: 'plain' },
  });
  const { network } = session;
  const activations = batchItem(cellsAt(network, layer, result.outputs.get(layer)!), 0);
  return result.gradients.map((ofSeed) => ({
    activations,
    gradients: batchItem(cellsAt(network, layer, ofSeed.get(layer)!), 0),
  }));
}
