import * as tf from '@tensorflow/tfjs-core';
import { GradcamError } from '../../../base/errors.ts';
import type { OpaqueCall } from '../../../network/op.ts';
import type { Operation } from '../operation.ts';

/** The forward pass of a layer that another library computes. */
export const opaque: Operation<'opaque'> = ({ op, inputs, foreign }) => {
  const layer = foreign(op.layer);
  if (op.output === 'mask') return layer.makeMask(inputs);
  const { values, mask } = splitMask(op, inputs);
  return layer.call(values, mask)[op.output]!;
};

/**
 * The gradient of such a layer, by tfjs's own tape. Only this one layer is on the tape, so that tfjs's
 * gradients are used for the layer's kernels alone: some of the others are wrong.
 */
export const opaqueGradient: Operation<'opaqueGradient'> = ({ op, inputs, foreign }) => {
  const [upstream, ...given] = inputs;
  const layer = foreign(op.layer);
  const { values, mask } = splitMask(op, given);
  const call = (input: tf.Tensor): tf.Tensor => {
    const changed = values.map((value, i) => (i === op.input ? input : value));
    return layer.call(changed, mask)[op.output]!;
  };
  return differentiate(call, values[op.input]!, op, upstream);
};

/**
 * Differentiates a function with tfjs's tape.
 *
 * @param who the layer that error messages name.
 * @param upstream gradient of the result; default ones.
 * @throws GradcamError `unsupported` for a kernel or a gradient that tfjs does not have.
 */
export function differentiate(
  compute: (input: tf.Tensor) => tf.Tensor,
  input: tf.Tensor,
  who: Pick<OpaqueCall, 'layer' | 'className'>,
  upstream?: tf.Tensor,
): tf.Tensor {
  try {
    return tf.grad(compute)(input, upstream);
  } catch (cause) {
    // When the tape breaks off, tfjs does not free the tensors that it saved for the backward pass.
    const { state } = tf.engine();
    for (const { saved } of state.activeTape ?? [])
      for (const tensor of saved ?? []) tensor.dispose();
    state.activeTape = [];
    throw explainTapeError(cause, who);
  }
}

function splitMask(
  { masked }: OpaqueCall,
  inputs: readonly tf.Tensor[],
): { values: readonly tf.Tensor[]; mask: tf.Tensor | null } {
  return masked
    ? { values: inputs.slice(0, -1), mask: inputs.at(-1)! }
    : { values: inputs, mask: null };
}

/** Turns tfjs's errors for missing gradients into ones that name the layer and a way out. */
function explainTapeError(
  cause: unknown,
  { layer, className }: Pick<OpaqueCall, 'layer' | 'className'>,
): unknown {
  const { message } = cause as Error;
  const kernel = /Kernel '(\w+)' not registered for backend '(\w+)'/.exec(message);
  const who = `layer ${layer} (${className})`;
  if (kernel !== null) {
    const next = kernel[2] === 'cpu' ? 'use a method without gradients' : 'use the backend cpu';
    return new GradcamError(
      'unsupported',
      `${who}: tfjs has no kernel ${kernel[1]} on the backend ${kernel[2]}, so the gradient cannot be computed there; ${next}`,
      { cause },
    );
  }
  if (/gradient function not found|Cannot compute gradient/i.test(message)) {
    return new GradcamError(
      'unsupported',
      `${who}: tfjs has no gradient for what the layer computes (${message.split('\n')[0]}); use a method without gradients, or a layer after it`,
      { cause },
    );
  }
  return cause;
}
