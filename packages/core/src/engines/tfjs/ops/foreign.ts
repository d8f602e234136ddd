import * as tf from '@tensorflow/tfjs-core';
import { GradcamError } from '../../../base/errors.ts';
import type { OpaqueCall } from '../../../network/op.ts';
import type { Operation } from '../operation.ts';

/** Layers of another runtime, forward and, by tfjs's own tape, back. */

export const opaque: Operation<'opaque'> = ({ op, inputs, foreign }) => {
  const layer = foreign(op.layer);
  if (op.output === 'mask') return layer.makeMask(inputs);
  const { values, mask } = splitMask(op, inputs);
  return layer.call(values, mask)[op.output]!;
};

/**
 * One layer at a time is on the tape, so that of tfjs's gradients only those of its own kernels are
 * used, and the mistakes of the others do not get in.
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
 * The gradient by tfjs's tape.
 *
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
    // A tape that breaks off keeps the tensors that it has saved for the way back.
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

/** tfjs's errors of a gradient that is not there, in our words. */
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
