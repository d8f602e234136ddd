import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from '../port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import type { Network } from '../../network/network.ts';

/**
 * The weights that a network's own ops read, as tensors of the selected backend; a layer that
 * another runtime computes has its own.
 *
 * @throws GradcamError `model` for a weight that is not there.
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
