import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { GradcamError } from '../errors.ts';
import { selectBackend, type TfjsBackend } from './backend.ts';
import { TfjsSession } from './session.ts';

export interface TfjsEngineOptions {
  /** Default `wasm`: the fastest that needs neither a GPU nor a native build. */
  readonly backend?: TfjsBackend;
}

/**
 * An engine that evaluates networks with TensorFlow.js ops.
 *
 * tfjs has one backend at a time for the whole program: creating an engine selects it.
 *
 * @throws GradcamError `engine` where the backend is missing or does not start.
 */
export async function createTfjsEngine(options: TfjsEngineOptions = {}): Promise<Engine> {
  const { backend = 'wasm' } = options;
  await selectBackend(backend);
  return {
    name: `tfjs-${backend}`,
    async open(network, weights) {
      const tensors = new Map<string, tf.Tensor>();
      const names = new Set(network.nodes.flatMap((node) => Object.values(node.weights)));
      const missing = [...names].find((name) => !weights.has(name));
      if (missing !== undefined) {
        throw new GradcamError('model', `weight ${missing} of model ${network.name} is missing`);
      }
      for (const name of names) {
        const { data, shape } = weights.get(name)!;
        tensors.set(name, tf.tensor(data, [...shape], 'float32'));
      }
      return new TfjsSession(network, tensors);
    },
  };
}
