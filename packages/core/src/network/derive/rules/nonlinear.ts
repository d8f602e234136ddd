import { isPadded } from '../../op.ts';
import { pickWeights, type Rule } from '../rule.ts';

/** Ops whose derivative depends on the values of the forward pass. */

/**
 * The policies are about units that switch off. A leaky unit never does, so it keeps its derivative.
 *
 * A ReLU passes gradients where its output is positive, and ReLU6 where its output is also below 6. The
 * output is therefore enough: the input need not be kept, and an engine may fuse the ReLU into the op
 * before it. A cap other than 6 passes gradients at the cap itself, and the output cannot tell such an
 * input from one above the cap.
 */
export const reluRule: Rule<'relu'> = ({ emit, node, op, relu, upstream }) => {
  const policy = op.slope === 0 ? relu : 'plain';
  const tellsByOutput = op.slope === 0 && (op.max === null || op.max === 6);
  const value = tellsByOutput ? node.name : node.inputs[0]!;
  return emit({ ...op, kind: 'reluGradient', policy }, [upstream, value], node.shape);
};

export const preluRule: Rule<'prelu'> = ({ emit, node, upstream }) =>
  emit(
    { kind: 'preluGradient' },
    [upstream, node.inputs[0]!],
    node.shape,
    pickWeights(node, 'alpha'),
  );

/** The slope is a function of the input alone. For `quantise` it is 1 within the bounds: straight through. */
export const activationRule: Rule<'activation'> = ({ emit, node, op, upstream }) =>
  emit({ kind: 'activationGradient', fn: op.fn }, [upstream, node.inputs[0]!], node.shape);

export const layerNormRule: Rule<'layerNorm'> = ({ emit, node, op, upstream }) =>
  emit(
    { kind: 'layerNormGradient', epsilon: op.epsilon },
    [upstream, node.inputs[0]!],
    node.shape,
    pickWeights(node, 'gamma'),
  );

/** A window of one cell (TF-slim uses it to subsample) makes no choice, so the pool is linear. */
export const maxPoolRule: Rule<'maxPool'> = (context) => {
  const { node, op, upstream } = context;
  if (op.size[0] === 1 && op.size[1] === 1 && !isPadded(op.padding)) {
    const [height = 1, width = 1] = context.inputShape(0);
    return context.emit(
      { ...op, kind: 'averagePoolAdjoint', height, width },
      [upstream],
      context.inputShape(0),
    );
  }
  const inputs = [upstream, node.inputs[0]!, node.name];
  return context.emit({ ...op, kind: 'maxPoolGradient' }, inputs, context.inputShape(0));
};

export const globalMaxPoolRule: Rule<'globalMaxPool'> = ({ emit, node, upstream, inputShape }) =>
  emit({ kind: 'globalMaxPoolGradient' }, [upstream, node.inputs[0]!, node.name], inputShape(0));

export const softmaxRule: Rule<'softmax'> = ({ emit, node, upstream }) =>
  emit({ kind: 'softmaxGradient' }, [upstream, node.name], node.shape);

export const sigmoidRule: Rule<'sigmoid'> = ({ emit, node, upstream }) =>
  emit({ kind: 'sigmoidGradient' }, [upstream, node.name], node.shape);
