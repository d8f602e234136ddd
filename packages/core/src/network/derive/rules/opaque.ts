import { GradcamError } from '../../../base/errors.ts';
import { gradientObstacle } from '../../opaque-call.ts';
import type { Rule } from '../rule.ts';

/**
 * The other runtime differentiates its own layer. It knows only the plain derivative, because the ReLUs
 * inside the layer cannot be seen. Any other ReLU policy is therefore refused.
 */
export const opaqueRule: Rule<'opaque'> = (context, index) => {
  const { node, op, relu, upstream, emit, inputShape } = context;
  const obstacle = gradientObstacle(op, node.name, index, relu);
  if (obstacle !== null) throw new GradcamError('unsupported', obstacle);
  const gradient = {
    ...op,
    kind: 'opaqueGradient',
    output: Number(op.output),
    input: index,
  } as const;
  return emit(gradient, [upstream, ...node.inputs], inputShape(index), node.weights);
};
