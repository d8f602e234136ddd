import { GradcamError } from '../../../base/errors.ts';
import { countElements } from '../../../base/nd-array.ts';
import type { Rule, RuleContext } from '../rule.ts';

/** Ops that take some elements of an axis. The gradient of the other elements is zero. */

/** Puts the gradient of the taken range between zeros. */
export const sliceRule: Rule<'slice'> = (context) => {
  const { axis, start } = context.op;
  return placeAlong(context, context.upstream, context.node.shape[axis]!, start);
};

/**
 * Puts zeros between the gradients of the elements, then works like a slice. For a negative step the
 * order is reversed first.
 */
export const strideRule: Rule<'stride'> = (context) => {
  const { node, op, upstream, emit } = context;
  const { axis, step } = op;
  const length = node.shape[axis]!;
  const isBackwards = step < 0;
  const turned = isBackwards
    ? emit({ kind: 'stride', axis, start: length - 1, step: -1 }, [upstream], node.shape)
    : upstream;
  const start = isBackwards ? op.start + (length - 1) * step : op.start;
  const [before, after] = around(node.shape, axis);
  const size = Math.abs(step);
  const cells = emit({ kind: 'reshape' }, [turned], [before * length, 1, after]);
  const padding = { top: 0, bottom: 0, left: 0, right: size - 1 };
  const spread = emit({ kind: 'pad', padding }, [cells], [before * length, size, after]);
  return placeAlong(context, spread, length * size, start);
};

export const gatherRule: Rule<'gather'> = ({ op, upstream, emit, inputShape }) =>
  emit({ ...op, kind: 'gatherAdjoint' }, [upstream], inputShape(0));

/** An index has no gradient, because there are no rows between two rows. */
export const lookUpRule: Rule<'lookUp'> = ({ node }) => {
  throw new GradcamError(
    'unsupported',
    `layer ${node.name} uses its input as an index, so the input has no gradient; choose a layer after it`,
  );
};

/**
 * Puts `length` elements at `start` on the axis of the input and zeros around them. The axis becomes
 * the width of an image, so that `pad` and `crop` apply. Elements beyond the end are cut off.
 */
function placeAlong(
  context: Pick<RuleContext<'slice' | 'stride'>, 'op' | 'inputShape' | 'emit'>,
  value: string,
  length: number,
  start: number,
): string {
  const { op, emit } = context;
  const shape = context.inputShape(0);
  const [before, after] = around(shape, op.axis);
  const size = shape[op.axis]!;
  const rest = size - start - length;
  const padding = { top: 0, bottom: 0, left: start, right: Math.max(0, rest) };
  const image = emit({ kind: 'reshape' }, [value], [before, length, after]);
  const width = start + length + padding.right;
  const placed = emit({ kind: 'pad', padding }, [image], [before, width, after]);
  const beyond = { top: 0, bottom: 0, left: 0, right: width - size };
  const cut =
    rest < 0 ? emit({ kind: 'crop', padding: beyond }, [placed], [before, size, after]) : placed;
  return emit({ kind: 'reshape' }, [cut], shape);
}

/** Number of elements in all axes before one axis, and in all axes after it. */
function around(shape: readonly number[], axis: number): [before: number, after: number] {
  return [countElements(shape.slice(0, axis)), countElements(shape.slice(axis + 1))];
}
