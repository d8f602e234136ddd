import type * as ort from 'onnxruntime-common';
import type { Weights } from '../port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import type { Network } from '../../network/network.ts';
import type { CompileRequest } from './compile.ts';

/** The values that a graph must compute. The maker decides the rest of a {@link CompileRequest}. */
export type GraphRequest = Pick<
  CompileRequest,
  'given' | 'outputs' | 'derivative' | 'batch' | 'repeats'
>;

/** Makes the runtime's sessions for the graphs of one model and reads the model's weights. */
export interface GraphMaker {
  /** How many graphs may be open at a time. */
  readonly kept: number;
  /** @param network the model's network, with any of its outputs first. */
  create(network: Network, request: GraphRequest): Promise<ort.InferenceSession>;
  /** @throws GradcamError `model` for a name that the model does not have. */
  readWeights(names: readonly string[]): Promise<Weights>;
  dispose(): void;
}

/**
 * The weights of these names.
 *
 * @throws GradcamError `model` for a name that the model does not have.
 */
export function pickWeights(weights: Weights, names: readonly string[]): Weights {
  return new Map(
    names.map((name) => {
      const found = weights.get(name);
      if (found !== undefined) return [name, found];
      throw new GradcamError('model', `the model has no weight ${name}`);
    }),
  );
}
