import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../../network/network.ts';
import type { Relation } from '../../../network/op.ts';
import type { Operation } from '../operation.ts';

/** A value with a batch axis of 1, which other ops broadcast over the batch. */
export const constant: Operation<'constant'> = ({ node, weight }) =>
  tf.reshape(weight('value'), [1, ...node.shape]);

/** Adds two inputs at a time, because tfjs broadcasts two inputs only. */
export const add: Operation<'add'> = ({ inputs }) => inputs.reduce((sum, x) => tf.add(sum, x));

export const subtract: Operation<'subtract'> = ({ inputs }) => tf.sub(inputs[0]!, inputs[1]!);

export const multiply: Operation<'multiply'> = ({ inputs }) =>
  inputs.reduce((product, x) => tf.mul(product, x));

export const divide: Operation<'divide'> = ({ inputs }) => tf.div(inputs[0]!, inputs[1]!);

/** Leading axes are broadcast beforehand, because tfjs's own matMul mixes up the matrices there. */
export const matMul: Operation<'matMul'> = ({ inputs, op }) => {
  const [a, b] = inputs as [tf.Tensor, tf.Tensor];
  const leading = a.shape.slice(0, -2).map((size, axis) => Math.max(size, b.shape[axis]!));
  const [left, right] = [a, b].map((side) => {
    const matrix = side.shape.slice(-2) as [number, number];
    const whole = tf.broadcastTo(side, [...leading, ...matrix]);
    return tf.reshape<tf.Rank.R3>(whole, [-1, ...matrix]);
  }) as [tf.Tensor3D, tf.Tensor3D];
  const product = tf.matMul(left, right, op.transposeA, op.transposeB);
  return tf.reshape(product, [...leading, ...product.shape.slice(-2)]);
};

export const maximum: Operation<'maximum'> = ({ inputs }) => tf.maximum(inputs[0]!, inputs[1]!);

export const minimum: Operation<'minimum'> = ({ inputs }) => tf.minimum(inputs[0]!, inputs[1]!);

const relations: { readonly [R in Relation]: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor } = {
  greaterEqual: (a, b) => tf.greaterEqual(a, b),
  greater: (a, b) => tf.greater(a, b),
  lessEqual: (a, b) => tf.lessEqual(a, b),
  less: (a, b) => tf.less(a, b),
};

export const compare: Operation<'compare'> = ({ inputs, op }) =>
  tf.cast(relations[op.relation](inputs[0]!, inputs[1]!), 'float32');

export const select: Operation<'select'> = ({ inputs }) =>
  tf.where(tf.notEqual(inputs[0]!, 0), inputs[1]!, inputs[2]!);

export const sumTo: Operation<'sumTo'> = ({ inputs, node }) =>
  tf.sum(inputs[0]!, listReduced(inputs[0]!, node), true);

export const maxTo: Operation<'maxTo'> = ({ inputs, node }) =>
  tf.max(inputs[0]!, listReduced(inputs[0]!, node), true);

/** Axes, counted with the batch axis, that have size 1 in the node's shape but not in `x`. */
function listReduced(x: tf.Tensor, { shape }: GraphNode): number[] {
  return shape.flatMap((size, axis) => (size === 1 && x.shape[axis + 1] !== 1 ? [axis + 1] : []));
}

export const broadcast: Operation<'broadcast'> = ({ inputs, node }) =>
  tf.broadcastTo(inputs[0]!, [inputs[0]!.shape[0]!, ...node.shape]);

export const concatenate: Operation<'concatenate'> = ({ inputs, op }) => {
  const batch = Math.max(...inputs.map(({ shape }) => shape[0]!));
  const parts = inputs.map((x) => tf.broadcastTo(x, [batch, ...x.shape.slice(1)]));
  return tf.concat(parts, op.axis + 1);
};
