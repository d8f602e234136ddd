import { pickWeights, type Rule } from '../rule.ts';

/** Ops whose derivative depends on the values of the forward run. */

/** The policies are about units that switch off: a leaky one never does, and keeps its derivative. */
export const reluRule: Rule<'relu'> = ({ emit, node, op, relu, upstream }) => {
  const policy = op.slope === 0 ? relu : 'plain';
  return emit({ ...op, kind: 'reluGradient', policy }, [upstream, node.inputs[0]!], node.shape);
};

export const preluRule: Rule<'prelu'> = ({ emit, node, upstream }) =>
  emit(
    { kind: 'preluGradient' },
    [upstream, node.inputs[0]!],
    node.shape,
    pickWeights(node, 'alpha'),
  );

export const activationRule: Rule<'activation'> = ({ emit, node, op, upstream }) =>
  emit({ kind: 'activationGradient', fn: op.fn }, [upstream, node.inputs[0]!], node.shape);

export const maxPoolRule: Rule<'maxPool'> = (context) => {
  const { node, op, upstream } = context;
  const inputs = [upstream, node.inputs[0]!, node.name];
  return context.emit({ ...op, kind: 'maxPoolGradient' }, inputs, context.inputShape(0));
};

export const globalMaxPoolRule: Rule<'globalMaxPool'> = ({ emit, node, upstream, inputShape }) =>
  emit({ kind: 'globalMaxPoolGradient' }, [upstream, node.inputs[0]!, node.name], inputShape(0));

export const softmaxRule: Rule<'softmax'> = ({ emit, node, upstream }) =>
  emit({ kind: 'softmaxGradient' }, [upstream, node.name], node.shape);

export const sigmoidRule: Rule<'sigmoid'> = ({ emit, node, upstream }) =>
  emit({ kind: 'sigmoidGradient' }, [upstream, node.name], node.shape);
