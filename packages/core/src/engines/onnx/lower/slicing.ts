import { countElements } from '../../../base/nd-array.ts';
import { scalar, type Lowering } from './lowering.ts';

/** ONNX's number of the type of indices. */
const INT64 = 7;

export const lowerSlice: Lowering<'slice'> = ({ writer, inputs, node, op, axis }) =>
  writer.add('Slice', [
    inputs[0]!,
    writer.integers([op.start]),
    writer.integers([op.start + node.shape[op.axis]!]),
    writer.integers([axis(op.axis)]),
  ]);

export const lowerStride: Lowering<'stride'> = (context) => {
  const { writer, inputs, node, op, axis } = context;
  const last = op.start + (node.shape[op.axis]! - 1) * op.step;
  // For a negative step, the end must lie before the first element. An end of -1 would mean the last
  // element, so the end is -(size of the axis) - 1.
  const beforeAll = -context.inputShape(0)[op.axis]! - 1;
  const end = op.step > 0 ? last + 1 : last === 0 ? beforeAll : last - 1;
  const bounds = [[op.start], [end], [axis(op.axis)], [op.step]];
  return writer.add('Slice', [inputs[0]!, ...bounds.map((bound) => writer.integers(bound))]);
};

export const lowerGather: Lowering<'gather'> = ({ writer, inputs, op, axis }) =>
  writer.add('Gather', [inputs[0]!, writer.integers(op.indices)], { axis: axis(op.axis) });

/** Whole numbers may come as float32, in which they are exact up to 2^24. */
export const lowerLookUp: Lowering<'lookUp'> = ({ writer, inputs, weight }) => {
  const { name, array } = weight('table');
  const table = writer.once(name, () => writer.weights(array));
  return writer.add('Gather', [table, writer.add('Cast', [inputs[0]!], { to: INT64 })], {
    axis: 0,
  });
};

/** Adds the gradients to zeros at their indices. Each item is reshaped to [axes before, axis, axes after]. */
export const lowerGatherAdjoint: Lowering<'gatherAdjoint'> = ({ writer, inputs, node, op }) => {
  const size = node.shape[op.axis]!;
  const before = countElements(node.shape.slice(0, op.axis));
  const after = countElements(node.shape.slice(op.axis + 1));
  const length = op.indices.length;
  const image = writer.add('Reshape', [inputs[0]!, writer.integers([-1, before, length, after])]);
  const shape = writer.add('Shape', [image]);
  const indices = writer.add('Expand', [writer.integers(op.indices, [1, 1, length, 1]), shape]);
  const items = writer.add('Slice', [shape, writer.integers([0]), writer.integers([1])]);
  const whole = writer.add('Concat', [items, writer.integers([before, size, after])], { axis: 0 });
  const zeros = writer.add('Expand', [scalar(writer, 0), whole]);
  const sums = writer.add('ScatterElements', [zeros, indices, image], {
    axis: 2,
    reduction: 'add',
  });
  return writer.add('Reshape', [sums, writer.integers([-1, ...node.shape])]);
};
