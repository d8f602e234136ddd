import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from '../port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import type { Network } from '../../network/network.ts';

/**
 * Uploads the weights that a network's own ops read to the selected backend. Layers that another library
 * computes hold their weights themselves.
 *
 * @throws GradcamError `model` for a weight that is missing.
 */
export function uploadWeights(network: Network, weights: Weights): Map<string, tf.Tensor> {
  const own = network.nodes.filter(({ op }) => op.kind !== 'opaque');
  const names = new Set(own.flatMap((node) => Object.values(node.weights)));
  const missing = [...names].find((name) => !weights.has(name));
  if (missing !== undefined) {
    throw new GradcamError('model', `weight ${missing} of model ${network.name} is missing`);
  }
  const tensors = new Map<string, tf.Tensor>();
  try {
    for (const name of names) {
      const { data, shape } = weights.get(name)!;
      tensors.set(name, tf.tensor(data, [...shape], 'float32'));
    }
  } catch (error) {
    for (const tensor of tensors.values()) tensor.dispose();
    throw error;
  }
  return tensors;
}
