import { GradcamError } from '../../../base/errors.ts';
import { countElements } from '../../../base/nd-array.ts';
import { isRealType } from '../../copied-node.ts';
import type { OpOf } from '../../op.ts';
import { gradientObstacle } from '../../opaque-call.ts';
import type { Rule, RuleContext } from '../rule.ts';

/**
 * The other runtime differentiates its own layer. It knows only the plain derivative, because the ReLUs
 * inside the layer cannot be seen. Any other ReLU policy is therefore refused. Outputs of whole numbers, such
 * as the places of the largest values, are constant around almost every input, so no gradient passes them.
 */
export const opaqueRule: Rule<'opaque'> = (context, index) => {
  const { node, op, relu, upstream, emit, inputShape } = context;
  if (isWhole(op)) return zeros(context, index);
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

function isWhole({ copied, output }: OpOf<'opaque'>): boolean {
  const layout = output === 'mask' ? undefined : copied?.outputs[output];
  return layout != null && !isRealType(layout.type);
}

/** Zeros in the shape of an input, for each row of the upstream gradient. */
function zeros({ upstream, node, emit, inputShape }: RuleContext<'opaque'>, index: number): string {
  const target = inputShape(index);
  const count = countElements(node.shape);
  const none = emit({ kind: 'affine', scale: [0], offset: [0] }, [upstream], node.shape);
  const flat = emit({ kind: 'reshape' }, [none], [count]);
  const one = emit({ kind: 'sumTo' }, [flat], [1]);
  const ones = target.map(() => 1);
  const shaped = emit({ kind: 'reshape' }, [one], ones);
  return emit({ kind: 'broadcast' }, [shaped], target);
}
