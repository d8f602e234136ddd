import { constantValue } from '../../graph/constant-value.ts';
import { cutValue } from '../../graph/cut-value.ts';
import type { Constant } from '../../graph/constant.ts';
import { multiplyAxis } from '../../graph/dense.ts';
import { sliceConstant } from '../../graph/fold/indexing.ts';
import { alignValues, insertAxis, reshapeValue } from '../../graph/layout.ts';
import type { NodeValue } from '../../graph/value.ts';
import {
  axisOf,
  contradictory,
  type OnnxCall,
  requireConstant,
  type Translate,
  unsupported,
  valueAt,
} from '../onnx-call.ts';
import { readSlices, splitSizes } from '../shape-rules.ts';
import { lookUpRows } from './table.ts';

/** Operators that take parts of a value, put values side by side, or put cells around one. */

const translateConcat: Translate = (call) => {
  const { builder } = call;
  const computed = call.inputs.findIndex((input) => input?.kind !== 'constant');
  const first = valueAt(call, computed);
  const rank = first.shape.length;
  const axis = axisOf(call, call.attributes.integer('axis', 1), rank);
  const values = call.inputs.map((input, i) =>
    input?.kind === 'constant'
      ? constantValue(builder, firstItem(call, input, first), first, [axis])
      : valueAt(call, i),
  );
  const fits = values.every(
    ({ shape }) =>
      shape.length === rank && shape.every((size, i) => i === axis || size === first.shape[i]),
  );
  if (!fits || axis === first.batch) {
    const shapes = values.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    throw contradictory(call, `values ${shapes} side by side along axis ${axis}`);
  }
  if (values.length === 1) return [first];
  const size = values.reduce((sum, value) => sum + value.shape[axis]!, 0);
  const shape = first.shape.map((one, i) => (i === axis ? size : one));
  const { nodes, ...layout } = alignValues(builder, withStoredAxis(call, values, axis));
  const stored = layout.order.map((one) => shape[one]!);
  const op = { kind: 'concatenate', axis: layout.order.indexOf(axis) } as const;
  return [{ kind: 'node', node: builder.emit(op, nodes, stored), shape, ...layout }];
};

/** The first row of a constant that has one for each picture of a fixed batch, such as a class token. */
function firstItem(
  { builder: { fixedBatch } }: OnnxCall,
  constant: Constant,
  { shape, batch }: NodeValue,
): Constant {
  const isForEach = fixedBatch > 1 && batch === 0 && constant.shape[0] === fixedBatch;
  if (!isForEach || constant.shape.length !== shape.length) return constant;
  const stretches = constant.shape.map((size, axis) => ({
    ...{ start: 0, step: 1 },
    length: axis === 0 ? 1 : size,
  }));
  return sliceConstant(constant, `${constant.name}/first`, stretches);
}

/**
 * Where all values have size 1 along the axis, none stores it. Then all of them must store it to be joined.
 */
function withStoredAxis(
  { builder }: OnnxCall,
  values: readonly NodeValue[],
  axis: number,
): readonly NodeValue[] {
  if (values.some(({ shape }) => shape[axis] !== 1)) return values;
  return values.map((value) => {
    if (value.order.includes(axis)) return value;
    const order = [...value.order];
    insertAxis(order, axis);
    const stored = order.map((one) => value.shape[one]!);
    return { ...value, order, node: builder.emit({ kind: 'reshape' }, [value.node], stored) };
  });
}

const translateSlice: Translate = (call) => {
  let value = valueAt(call, 0);
  for (const { axis, ...stretch } of readSlices(call, value.shape)) {
    if (stretch.length < 1)
      throw unsupported(call, `its result is empty along axis ${axis}, which is not supported`);
    value = cutValue(call.builder, value, axis, stretch);
  }
  return [value];
};

const translateSplit: Translate = (call) => {
  const value = valueAt(call, 0);
  const axis = axisOf(call, call.attributes.integer('axis', 0), value.shape.length);
  let start = 0;
  return splitSizes(call, value.shape[axis]!).map((length) => {
    const part = cutValue(call.builder, value, axis, { start, step: 1, length });
    start += length;
    return part;
  });
};

/** Most elements of a matrix that picks places, which is 64 MiB. */
const MAX_SELECTION = 2 ** 24;

/**
 * Takes places of an axis by constant indices: as a range, or by the product with a matrix of ones and zeros.
 * Of a constant table it takes the rows at computed indices.
 */
const translateGather: Translate = (call) => {
  const { builder } = call;
  const [table, at] = call.inputs;
  if (table?.kind === 'constant' && at?.kind === 'node' && table.shape.length > 1) {
    const of = axisOf(call, call.attributes.integer('axis', 0), table.shape.length);
    if (of === 0) return [lookUpRows(call, table, at)];
  }
  const value = valueAt(call, 0);
  const axis = axisOf(call, call.attributes.integer('axis', 0), value.shape.length);
  const size = value.shape[axis]!;
  const indices = requireConstant(call, 1, 'indices');
  const places = Array.from(indices.values(), (index) => (index < 0 ? index + size : index));
  const wrong = places.find((place) => !(place >= 0 && place < size));
  if (wrong !== undefined) throw contradictory(call, `index ${wrong} of ${size}`);
  if (places.length === 0)
    throw unsupported(call, 'its list of indices is empty, which is not supported');
  const start = places[0]!;
  const step = places.length > 1 ? places[1]! - start : 1;
  const isStretch = step !== 0 && places.every((place, i) => place === start + i * step);
  let taken: NodeValue;
  if (isStretch) {
    taken = cutValue(builder, value, axis, { start, step, length: places.length });
  } else {
    if (size * places.length > MAX_SELECTION) {
      throw unsupported(
        call,
        `taking ${places.length} of ${size} places in an irregular order is not supported`,
      );
    }
    const matrix = {
      name: `${indices.name} of ${size}`,
      inputs: size,
      outputs: places.length,
      read: () => {
        const picks = new Float32Array(size * places.length);
        places.forEach((place, i) => (picks[place * places.length + i] = 1));
        return picks;
      },
    };
    taken = multiplyAxis(builder, value, axis, matrix);
  }
  const shape = [...value.shape.slice(0, axis), ...indices.shape, ...value.shape.slice(axis + 1)];
  return [reshapeValue(builder, taken, shape)];
};

export const partTranslators: Readonly<Record<string, Translate>> = {
  Concat: translateConcat,
  Slice: translateSlice,
  Split: translateSplit,
  Gather: translateGather,
};
