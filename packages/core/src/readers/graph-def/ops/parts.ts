import { constantValue } from '../../graph/constant-value.ts';
import { cutValue } from '../../graph/cut-value.ts';
import { reshapeValue } from '../../graph/layout.ts';
import { partTranslators } from '../../onnx-file/ops/parts.ts';
import {
  asInOnnx,
  axisOf,
  integersAt,
  numberAt,
  type TranslateDef,
  unsupported,
  valueAt,
} from '../def-call.ts';
import { insertOne, slicePlan, splitSizes } from '../shape-rules.ts';
import { planStridedSlice } from '../strided-slice.ts';

/** Ops that take parts of a value, or put values side by side. */

/** Puts values side by side. The axis is the last input of `ConcatV2` and the first of `Concat`. */
const concatenate: TranslateDef = (call) => {
  const isOld = call.op === 'Concat';
  const parts = isOld ? call.inputs.slice(1) : call.inputs.slice(0, -1);
  const axis = numberAt(call, isOld ? 0 : call.inputs.length - 1, 'axis');
  return asInOnnx(partTranslators['Concat']!, call, parts, { axis });
};

/** Each value gets a new axis, along which they stand side by side. */
const pack: TranslateDef = (call) => {
  const computed = call.inputs.findIndex(({ kind }) => kind !== 'constant');
  const like = valueAt(call, computed);
  const axis = axisOf(call, call.attributes.integer('axis', 0), like.shape.length + 1);
  const values = call.inputs.map((input, i) => {
    const value =
      input.kind === 'constant' ? constantValue(call.builder, input, like) : valueAt(call, i);
    const row = reshapeValue(call.builder, value, insertOne(value.shape, axis));
    // The new axis is no batch, although it has size 1 until the rows stand side by side.
    return value.batch === null && call.inputs.length > 1 ? { ...row, batch: null } : row;
  });
  return asInOnnx(partTranslators['Concat']!, call, values, { axis });
};

const unpack: TranslateDef = (call) => {
  const value = valueAt(call, 0);
  const axis = axisOf(call, call.attributes.integer('axis', 0), value.shape.length);
  // The only item of a batch is the picture.
  if (axis === value.batch) return [reshapeValue(call.builder, value, value.shape.slice(1))];
  return Array.from({ length: value.shape[axis]! }, (_, start) => {
    const part = cutValue(call.builder, value, axis, { start, step: 1, length: 1 });
    const shape = part.shape.filter((_, one) => one !== axis);
    return reshapeValue(call.builder, part, shape);
  });
};

const split: TranslateDef = (call) => {
  const isEven = call.op === 'Split';
  const value = valueAt(call, isEven ? 1 : 0);
  const axis = axisOf(call, numberAt(call, isEven ? 0 : 2, 'axis'), value.shape.length);
  let start = 0;
  return splitSizes(call, value.shape[axis]!).map((length) => {
    const part = cutValue(call.builder, value, axis, { start, step: 1, length });
    start += length;
    return part;
  });
};

const slice: TranslateDef = (call) => {
  const value = valueAt(call, 0);
  return [
    slicePlan(call, value.shape).reduce(
      (cut, stretch, axis) => cutValue(call.builder, cut, axis, stretch),
      value,
    ),
  ];
};

const stridedSlice: TranslateDef = (call) => {
  const value = valueAt(call, 0);
  const { stretches, shape } = planStridedSlice(call, value.shape);
  const cut = stretches.reduce(
    (part, stretch, axis) => cutValue(call.builder, part, axis, stretch),
    value,
  );
  return [shape.join() === cut.shape.join() ? cut : reshapeValue(call.builder, cut, shape)];
};

/** Takes places of an axis. `Gather` has the first axis, `GatherV2` the one that its last input states. */
const gather: TranslateDef = (call) => {
  if (call.attributes.integer('batch_dims', 0) !== 0) {
    throw unsupported(call, 'other places for each item of the leading axes are not supported');
  }
  const axis = call.inputs.length > 2 ? numberAt(call, 2, 'axis') : 0;
  return asInOnnx(partTranslators['Gather']!, call, call.inputs.slice(0, 2), { axis });
};

/** Reverses axes, for example the channels from RGB to BGR. */
const reverse: TranslateDef = (call) => {
  let value = valueAt(call, 0);
  for (const stated of integersAt(call, 1, 'axes')) {
    const axis = axisOf(call, stated, value.shape.length);
    const length = value.shape[axis]!;
    if (length === 1) continue;
    value = cutValue(call.builder, value, axis, { start: length - 1, step: -1, length });
  }
  return [value];
};

export const partOps: Readonly<Record<string, TranslateDef>> = {
  Concat: concatenate,
  ConcatV2: concatenate,
  Pack: pack,
  Unpack: unpack,
  Split: split,
  SplitV: split,
  Slice: slice,
  StridedSlice: stridedSlice,
  Gather: gather,
  GatherV2: gather,
  Reverse: reverse,
  ReverseV2: reverse,
};
