import { reshaped } from '../../../base/nd-array.ts';
import type { Relation } from '../../../network/op.ts';
import { mayPool, poolCells, spreadInBlocks, sumCellsInBlocks } from './blocks.ts';
import type { Lowering, LoweringContext } from './lowering.ts';
import { isOneOrder } from './stored-order.ts';

export const lowerConstant: Lowering<'constant'> = ({ writer, node, weight }) => {
  const { name, array } = weight('value');
  return writer.once(`constant ${name} as ${node.shape.join()}`, () =>
    writer.weights(reshaped(array, [1, ...node.shape])),
  );
};

export const lowerAdd: Lowering<'add'> = ({ writer, inputs }) =>
  inputs.slice(1).reduce((sum, input) => writer.add('Add', [sum, input]), inputs[0]!);

export const lowerSubtract: Lowering<'subtract'> = ({ writer, inputs }) =>
  writer.add('Sub', inputs);

export const lowerMultiply: Lowering<'multiply'> = (context) => {
  const { writer, inputs } = context;
  const factors = spreadFactors(context);
  const product = (factors ?? inputs).reduce((before, factor) =>
    writer.add('Mul', [before, factor]),
  );
  if (factors === null) return product;
  return { name: product, order: 'channelsFirst', isBlocked: true };
};

/**
 * The factors of a product that stays in blocks: images, and one factor for each channel, which is repeated
 * for all cells. Null where another factor is not in blocks.
 */
function spreadFactors(context: LoweringContext<'multiply'>): string[] | null {
  const { inputs, node, inputShape, stored } = context;
  const { shape } = node;
  const factors: string[] = [];
  let hasCell = false;
  for (const [i, name] of inputs.entries()) {
    const isBlocked = stored(i).isBlocked === true;
    const isCell = isOneOrder(inputShape(i)) && !isOneOrder(shape);
    if (isCell && inputShape(i)[2] !== shape[2]) return null;
    if (!isBlocked && !(isCell && mayPool(context, shape[2]!))) return null;
    const cell = isBlocked ? name : poolCells(context.writer, name);
    factors.push(isCell ? spreadInBlocks(context, cell, shape) : name);
    hasCell ||= isCell;
  }
  return hasCell ? factors : null;
}

export const lowerDivide: Lowering<'divide'> = ({ writer, inputs }) => writer.add('Div', inputs);

/** ONNX Runtime merges these transposes into its product on a CPU. */
export const lowerMatMul: Lowering<'matMul'> = ({ writer, inputs, op, node }) => {
  const rank = node.shape.length + 1;
  const side = (index: 0 | 1, isTransposed: boolean): string => {
    const value = inputs[index]!;
    if (!isTransposed) return value;
    const leading = Array.from({ length: rank - 2 }, (_, axis) => axis);
    return writer.add('Transpose', [value], { perm: [...leading, rank - 1, rank - 2] });
  };
  return writer.add('MatMul', [side(0, op.transposeA), side(1, op.transposeB)]);
};

export const lowerMaximum: Lowering<'maximum'> = ({ writer, inputs }) => writer.add('Max', inputs);

export const lowerMinimum: Lowering<'minimum'> = ({ writer, inputs }) => writer.add('Min', inputs);

const relations: Readonly<Record<Relation, string>> = {
  greaterEqual: 'GreaterOrEqual',
  greater: 'Greater',
  lessEqual: 'LessOrEqual',
  less: 'Less',
};

/** Element types, by their numbers in onnx.proto. */
const [FLOAT, BOOL] = [1, 9];

export const lowerCompare: Lowering<'compare'> = ({ writer, inputs, op }) =>
  writer.add('Cast', [writer.add(relations[op.relation], inputs)], { to: FLOAT });

export const lowerSelect: Lowering<'select'> = ({ writer, inputs }) => {
  const [condition, yes, no] = inputs as [string, string, string];
  return writer.add('Where', [writer.add('Cast', [condition], { to: BOOL }), yes, no]);
};

export const lowerSumTo: Lowering<'sumTo'> = (context) => {
  const { writer, inputs, node, inputShape } = context;
  const [height, width, channels] = node.shape;
  const from = inputShape(0);
  const isOverCells = height === 1 && width === 1 && channels === from[2];
  return isOverCells && context.stored(0).isBlocked === true
    ? sumCellsInBlocks(writer, inputs[0]!, from)
    : reduce(context, 'ReduceSum');
};

export const lowerMaxTo: Lowering<'maxTo'> = (context) => reduce(context, 'ReduceMax');

function reduce(context: Omit<LoweringContext, 'op'>, type: string): string {
  const { writer, inputs, node } = context;
  const from = context.inputShape(0);
  const axes = node.shape.flatMap((size, axis) =>
    size === 1 && from[axis] !== 1 ? [context.axis(axis)] : [],
  );
  // ONNX reduces all axes if none is named.
  if (axes.length === 0) return inputs[0]!;
  return writer.add(type, [inputs[0]!, writer.integers(axes)], { keepdims: 1 });
}

export const lowerBroadcast: Lowering<'broadcast'> = ({ writer, inputs, node, order }) => {
  const [height, width, channels] = node.shape;
  const shape = order === 'plain' ? node.shape : [channels!, height!, width!];
  // Expanding the batch axis to 1 leaves it as it is.
  return writer.add('Expand', [inputs[0]!, writer.integers([1, ...shape])]);
};

/** Other ops broadcast a shared value over the batch; a concatenation needs it repeated. */
export const lowerConcatenate: Lowering<'concatenate'> = (context) => {
  const { writer, inputs, op, axis, stored } = context;
  const isShared = inputs.map((_, i) => stored(i).isShared === true);
  const whole = inputs[isShared.indexOf(false)];
  const parts = inputs.map((input, i) =>
    isShared[i] && whole !== undefined ? repeatItems(context, input, whole) : input,
  );
  return writer.add('Concat', parts, { axis: axis(op.axis) });
};

/** Repeats a value with a batch axis of 1 until it has as many items as another value. */
function repeatItems(
  { writer, node, batch }: Pick<LoweringContext, 'writer' | 'node' | 'batch'>,
  item: string,
  like: string,
): string {
  const rest = node.shape.map(() => 1);
  if (batch !== null) return writer.add('Expand', [item, writer.integers([batch, ...rest])]);
  const items = writer.add('Shape', [like], { start: 0, end: 1 });
  const shape = writer.add('Concat', [items, writer.integers(rest)], { axis: 0 });
  return writer.add('Expand', [item, shape]);
}
