import * as tf from '@tensorflow/tfjs-core';
import type { Relation } from '../../network/op.ts';
import type { Operation } from '../operation.ts';

/** Two at a time, since tfjs repeats axes of size 1 for two inputs only. */
export const add: Operation<'add'> = ({ inputs }) => inputs.reduce((sum, x) => tf.add(sum, x));

export const subtract: Operation<'subtract'> = ({ inputs }) => tf.sub(inputs[0]!, inputs[1]!);

export const multiply: Operation<'multiply'> = ({ inputs }) =>
  inputs.reduce((product, x) => tf.mul(product, x));

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

export const sumTo: Operation<'sumTo'> = ({ inputs, node }) => {
  const [x] = inputs as [tf.Tensor];
  const repeated = node.shape.flatMap((size, axis) =>
    size === 1 && x.shape[axis + 1] !== 1 ? [axis + 1] : [],
  );
  return tf.sum(x, repeated, true);
};

export const concatenate: Operation<'concatenate'> = ({ inputs, op }) =>
  tf.concat([...inputs], op.axis + 1);

export const slice: Operation<'slice'> = ({ inputs, node, op }) => {
  const [x] = inputs as [tf.Tensor];
  const begin = x.shape.map((_, axis) => (axis === op.axis + 1 ? op.start : 0));
  return tf.slice(x, begin, [x.shape[0]!, ...node.shape]);
};
