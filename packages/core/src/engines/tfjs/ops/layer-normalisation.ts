import * as tf from '@tensorflow/tfjs-core';
import type { Operation } from '../operation.ts';

export const layerNorm: Operation<'layerNorm'> = ({ inputs, op, optionalWeight }) => {
  const { normalised } = normalise(inputs[0]!, op.epsilon);
  const gamma = optionalWeight('gamma');
  const beta = optionalWeight('beta');
  const scaled = gamma === null ? normalised : tf.mul(normalised, tf.reshape(gamma, [-1]));
  return beta === null ? scaled : tf.add(scaled, tf.reshape(beta, [-1]));
};

/** `(g - mean(g) - n * mean(g * n)) / deviation`, with g = upstream * gamma and n the normalised input. */
export const layerNormGradient: Operation<'layerNormGradient'> = ({
  inputs,
  op,
  optionalWeight,
}) => {
  const [upstream, x] = inputs as [tf.Tensor, tf.Tensor];
  const { normalised, scale } = normalise(x, op.epsilon);
  const gamma = optionalWeight('gamma');
  const g = gamma === null ? upstream : tf.mul(upstream, tf.reshape(gamma, [-1]));
  const along = tf.mul(normalised, tf.mean(tf.mul(g, normalised), -1, true));
  return tf.mul(tf.sub(tf.sub(g, tf.mean(g, -1, true)), along), scale);
};

function normalise(x: tf.Tensor, epsilon: number): { normalised: tf.Tensor; scale: tf.Tensor } {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return { normalised: tf.mul(centred, scale), scale };
}
