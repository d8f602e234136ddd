import { GradcamError } from '../../base/errors.ts';
import type { NdArray } from '../../base/nd-array.ts';
import type { Engine, Session, Weights } from '../../engines/port/engine.ts';
import { checkCount, type BatchedRunOptions } from '../../methods/passes/batched-runs.ts';
import type { Network } from '../../network/network.ts';
import { compareMaps, type MapSimilarity } from '../similarity/compare-maps.ts';
import { listRandomisableLayers, randomiseWeights } from './randomise-weights.ts';

/** The model whose weights are replaced step by step. */
export interface CascadeModel {
  readonly network: Network;
  /** All weights of the network, as `readAllWeights` reads them. */
  readonly weights: Weights;
  readonly engine: Pick<Engine, 'open'>;
}

export interface CascadeOptions extends Pick<BatchedRunOptions, 'signal' | 'onProgress'> {
  /**
   * How many steps the cascade has at most; the layers are divided evenly. Default: one step for each layer.
   */
  readonly steps?: number;
  /** Seed of the noise; default 1. */
  readonly seed?: number;
}

/** One step of the cascade. */
export interface CascadeStep {
  /** The layer up to which, from the output on, all weights are noise. */
  readonly layer: string;
  /** Number of randomised layers so far. */
  readonly layers: number;
  /** Each map's similarity to its map by the trained model, in the order of `explain`. */
  readonly similarities: readonly MapSimilarity[];
}

/** What happens to maps while a model is randomised. */
export interface Cascade {
  readonly steps: readonly CascadeStep[];
  /** Number of layers with learnt weights. */
  readonly layers: number;
  readonly seed: number;
}

/**
 * Reads every weight that a network's nodes name.
 *
 * @throws GradcamError `unsupported` for a session that does not give its weights.
 */
export async function readAllWeights(session: Session): Promise<Weights> {
  if (session.readWeights === undefined) {
    throw new GradcamError(
      'unsupported',
      `model ${session.network.name}: its engine does not give its weights, so they cannot be randomised`,
    );
  }
  const names = session.network.nodes.flatMap(({ weights }) => Object.values(weights));
  return session.readWeights([...new Set(names)]);
}

/**
 * Cascading parameter randomisation: replaces the learnt weights by noise, layer after layer from the output
 * to the input, and compares the maps after each step with those of the trained model. A method whose maps
 * stay alike explains the image and not the model.
 *
 * Every step opens a session and frees it, also where an explanation fails.
 *
 * @param explain computes maps [height, width], both at least 11, with a session: one or several of one
 *   image, of classes given by index, since a randomised model ranks classes at random.
 * @throws GradcamError `unsupported` for a network without learnt weights, `argument` for options out of
 *   range.
 * @throws the signal's reason when aborted.
 * @see Adebayo et al. 2018, arXiv 1810.03292, section 3.1
 */
export async function measureRandomisation(
  { network, weights, engine }: CascadeModel,
  explain: (session: Session) => Promise<readonly NdArray[]>,
  options: CascadeOptions = {},
): Promise<Cascade> {
  const { seed = 1, signal, onProgress } = options;
  const layers = listRandomisableLayers(network);
  if (layers.length === 0) {
    throw new GradcamError('unsupported', `model ${network.name} has no learnt weights`);
  }
  const count = Math.min(options.steps ?? layers.length, layers.length);
  checkCount('steps', count);
  const explainWith = async (own: Weights): Promise<readonly NdArray[]> => {
    signal?.throwIfAborted();
    const session = await engine.open(network, own);
    try {
      return await explain(session);
    } finally {
      session.dispose();
    }
  };
  const trained = await explainWith(weights);
  const steps: CascadeStep[] = [];
  for (let i = 1; i <= count; i++) {
    const done = Math.round((i * layers.length) / count);
    const names = layers.slice(0, done).flatMap((layer) => layer.weights);
    const maps = await explainWith(randomiseWeights(weights, names, seed));
    if (maps.length !== trained.length) {
      throw new GradcamError(
        'argument',
        `explain: ${trained.length} maps of the trained model, ${maps.length} of a randomised one`,
      );
    }
    const similarities = maps.map((map, place) => compareMaps(trained[place]!, map));
    steps.push({ layer: layers[done - 1]!.layer, layers: done, similarities });
    onProgress?.({ done: i, total: count });
  }
  signal?.throwIfAborted();
  return { steps, layers: layers.length, seed };
}
