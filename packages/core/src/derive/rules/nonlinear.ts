import type { Rule } from '../rule.ts';

/** Ops whose derivative depends on the values of the forward run. */

export const reluRule: Rule<'relu'> = ({ emit, node, op, relu, upstream }) =>
  emit({ ...op, kind: 'reluGradient', policy: relu }, [upstream, node.inputs[0]!], node.shape);

export const maxPoolRule: Rule<'maxPool'> = (context) => {
  const { node, op, upstream } = context;
  const inputs = [upstream, node.inputs[0]!, node.name];
  return context.emit({ ...op, kind: 'maxPoolGradient' }, inputs, context.inputShape(0));
};

export const softmaxRule: Rule<'softmax'> = ({ emit, node, upstream }) =>
  emit({ kind: 'softmaxGradient' }, [upstream, node.name], node.shape);

export const sigmoidRule: Rule<'sigmoid'> = ({ emit, node, upstream }) =>
  emit({ kind: 'sigmoidGradient' }, [upstream, node.name], node.shape);
