import { countElements } from '../../../base/nd-array.ts';
import { isPadded, noPadding } from '../../../network/op.ts';
import { integerConstant } from '../../graph/constant.ts';
import { constantValue } from '../../graph/constant-value.ts';
import { cutValue } from '../../graph/cut-value.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import { arrange, insertAxis, reshapeValue, transposeValue } from '../../graph/layout.ts';
import { checkOrder, reshapedShape } from '../../graph/new-shapes.ts';
import type { NodeValue, Value } from '../../graph/value.ts';
import { shapeTranslators } from '../../onnx-file/ops/shapes.ts';
import {
  asInOnnx,
  axisOf,
  contradictory,
  integersAt,
  numberAt,
  unsupported,
  valueAt,
  type DefCall,
  type TranslateDef,
} from '../def-call.ts';
import { expandedShape, insertOne, slicePlan, splitSizes, squeezedShape } from '../shape-rules.ts';
import { planStridedSlice } from '../strided-slice.ts';

/** Ops that say a value's axes anew, take parts of it or put parts together. */

const toShape =
  (shapeOf: (call: DefCall, shape: readonly number[], value: NodeValue) => readonly number[]) =>
  (call: DefCall): readonly Value[] => {
    const value = valueAt(call, 0);
    return [reshapeValue(call.builder, value, shapeOf(call, value.shape, value))];
  };

const transpose: TranslateDef = (call) => {
  const value = valueAt(call, 0);
  const axes = integersAt(call, 1, 'order of axes');
  checkOrder(call, axes, value.shape);
  return [transposeValue(value, axes)];
};

/** The last input is the axis. */
const concatenate: TranslateDef = (call) => {
  const isOld = call.op === 'Concat';
  const parts = isOld ? call.inputs.slice(1) : call.inputs.slice(0, -1);
  const axis = numberAt(call, isOld ? 0 : call.inputs.length - 1, 'axis');
  return asInOnnx(shapeTranslators['Concat']!, call, parts, { axis });
};

/** Each value gets the new axis; along it they stand side by side. */
const pack: TranslateDef = (call) => {
  const computed = call.inputs.findIndex(({ kind }) => kind !== 'constant');
  const like = valueAt(call, computed);
  const axis = axisOf(call, call.attributes.integer('axis', 0), like.shape.length + 1);
  const values = call.inputs.map((input, i) => {
    const value =
      input.kind === 'constant' ? constantValue(call.builder, input, like) : valueAt(call, i);
    return reshapeValue(call.builder, value, insertOne(value.shape, axis));
  });
  return asInOnnx(shapeTranslators['Concat']!, call, values, { axis });
};

const unpack: TranslateDef = (call) => {
  const value = valueAt(call, 0);
  const axis = axisOf(call, call.attributes.integer('axis', 0), value.shape.length);
  if (axis === value.batch) throw unsupported(call, 'it takes the items of a batch apart');
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

/** Places of axes from the last to the first, as of channels that are turned about. */
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

/** Copies beside each other along each axis, as many as a constant says. */
const tile: TranslateDef = (call) => {
  const { builder } = call;
  let value = valueAt(call, 0);
  const counts = integersAt(call, 1, 'multiples');
  if (counts.length !== value.shape.length || counts.some((count) => count < 1)) {
    throw contradictory(call, `${counts.join(', ')} copies of [${value.shape.join(', ')}]`);
  }
  counts.forEach((count, axis) => {
    if (count === 1) return;
    if (axis === value.batch) throw unsupported(call, 'it repeats the items of a batch');
    value =
      value.shape[axis] === 1
        ? repeatOne(builder, value, axis, count)
        : (asInOnnx(shapeTranslators['Concat']!, call, new Array<Value>(count).fill(value), {
            axis,
          })[0] as NodeValue);
  });
  return [value];
};

/** An axis of size 1 is repeated. */
function repeatOne(
  builder: GraphBuilder,
  value: NodeValue,
  axis: number,
  count: number,
): NodeValue {
  const order = [...value.order];
  if (!order.includes(axis)) insertAxis(order, axis);
  const shape = value.shape.map((size, one) => (one === axis ? count : size));
  const stored = order.map((one) => shape[one]!);
  const node = builder.emit({ kind: 'broadcast' }, [arrange(builder, value, order)], stored);
  return { ...value, order, shape, node };
}

/** Cells around the rows and columns of an image. */
const pad: TranslateDef = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const pads = integersAt(call, 1, 'paddings');
  const rank = value.shape.length;
  const fill = call.op === 'PadV2' ? numberAt(call, 2, 'value') : 0;
  if (pads.length !== 2 * rank || pads.some((cells) => cells < 0)) {
    throw contradictory(call, `paddings [${pads.join(', ')}] for ${rank} axes`);
  }
  if (pads.every((cells) => cells === 0)) return [value];
  const padded = value.shape.map((size, axis) => size + pads[2 * axis]! + pads[2 * axis + 1]!);
  const changed = padded.flatMap((size, axis) => (size === value.shape[axis] ? [] : [axis]));
  const isChannels = value.channels !== null && changed.includes(value.channels);
  const isImage =
    rank === 4 && value.order.length === 3 && changed.every((axis) => axis !== value.batch);
  // Channels are padded as if they were columns.
  const last = isChannels ? null : (value.channels ?? rank - 1);
  if (!isImage || changed.length > 2 || last === null || changed.includes(last)) {
    return padAnyAxis(call, value, pads, fill);
  }
  const [rows, columns] = [1, 2, 3].filter((axis) => axis !== last) as [number, number];
  const order = [rows, columns, last];
  const padding = {
    ...noPadding,
    top: pads[2 * rows]!,
    bottom: pads[2 * rows + 1]!,
    left: pads[2 * columns]!,
    right: pads[2 * columns + 1]!,
  };
  if (!isPadded(padding)) return [value];
  // What a max pool must not choose is often the least number, or below all numbers.
  const bounded = Math.min(Math.max(fill, -LARGEST), LARGEST);
  const op =
    fill === 0
      ? ({ kind: 'pad', padding } as const)
      : ({ kind: 'padWith', padding, value: bounded } as const);
  const node = builder.emit(
    op,
    [arrange(builder, value, order)],
    order.map((axis) => padded[axis]!),
  );
  return [{ ...value, order, shape: padded, node }];
};

/** The largest float32. */
const LARGEST = 3.4028234663852886e38;

function padAnyAxis(
  call: DefCall,
  value: NodeValue,
  pads: readonly number[],
  fill: number,
): readonly Value[] {
  if (fill !== 0) throw unsupported(call, `it pads other axes than rows and columns with ${fill}`);
  const rank = value.shape.length;
  const inOrder = [0, 1].flatMap((side) =>
    Array.from({ length: rank }, (_, axis) => pads[2 * axis + side]!),
  );
  return asInOnnx(shapeTranslators['Pad']!, call, [
    value,
    integerConstant(`${call.name} (pads)`, inOrder),
  ]);
}

/** Blocks of channels become blocks of cells. */
const depthToSpace: TranslateDef = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const [size, each] = blocksOf(call, value, true);
  const [items = 1, height = 1, width = 1] = value.shape;
  const parted = reshapeValue(builder, value, [items, height, width, size, size, each]);
  const moved = transposeValue(parted, [0, 1, 3, 2, 4, 5]);
  return [asImage(reshapeValue(builder, moved, [items, height * size, width * size, each]))];
};

const spaceToDepth: TranslateDef = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const [size, joined] = blocksOf(call, value, false);
  const [items = 1, height = 1, width = 1, channels = 1] = value.shape;
  const [rows, columns] = [height / size, width / size];
  const parted = reshapeValue(builder, value, [items, rows, size, columns, size, channels]);
  const moved = transposeValue(parted, [0, 1, 3, 2, 4, 5]);
  return [asImage(reshapeValue(builder, moved, [items, rows, columns, joined]))];
};

function asImage(value: NodeValue): NodeValue {
  return { ...value, channels: 3 };
}

/** Cells of a block's side, and the channels of the result. */
function blocksOf(call: DefCall, { shape }: NodeValue, isToSpace: boolean): [number, number] {
  const size = call.attributes.integer('block_size', 1);
  const [, height = 1, width = 1, channels = 1] = shape;
  const area = size * size;
  const fits = isToSpace ? channels % area === 0 : height % size === 0 && width % size === 0;
  if (shape.length !== 4 || size < 1 || !fits) {
    throw contradictory(call, `blocks of ${size} of a value [${shape.join(', ')}]`);
  }
  if (call.attributes.text('data_format', 'NHWC') !== 'NHWC') {
    throw unsupported(call, 'channels before rows are not known here');
  }
  return [size, isToSpace ? channels / area : channels * area];
}

const handOn: TranslateDef = (call) => [valueAt(call, 0)];

/** Between kinds of numbers with a fraction nothing is changed; all are computed as float32. */
const cast: TranslateDef = (call) => {
  const type = call.attributes.type('DstT');
  if (['DT_FLOAT', 'DT_HALF', 'DT_DOUBLE', 'DT_BFLOAT16', ''].includes(type)) return handOn(call);
  throw unsupported(call, `it makes ${type} of computed numbers`);
};

export const shapeOps: Readonly<Record<string, TranslateDef>> = {
  Identity: handOn,
  IdentityN: (call) => call.inputs,
  StopGradient: handOn,
  PreventGradient: handOn,
  Snapshot: handOn,
  CheckNumerics: handOn,
  EnsureShape: handOn,
  Cast: cast,
  Reshape: toShape((call, shape) => reshapedShape(call, shape, integersAt(call, 1, 'shape'))),
  Squeeze: toShape((call, shape, { batch }) => squeezedShape(call, shape, batch)),
  ExpandDims: toShape(expandedShape),
  Transpose: transpose,
  Concat: concatenate,
  ConcatV2: concatenate,
  Pack: pack,
  Unpack: unpack,
  Split: split,
  SplitV: split,
  Slice: slice,
  Tile: tile,
  StridedSlice: stridedSlice,
  Reverse: reverse,
  ReverseV2: reverse,
  Pad: pad,
  PadV2: pad,
  MirrorPad: (call) => {
    throw unsupported(call, 'an image that is mirrored at its edges is not known here');
  },
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Shape: (call) => [integerConstant(call.name, valueAt(call, 0).shape)],
  Rank: (call) => [integerConstant(call.name, [valueAt(call, 0).shape.length], [])],
  Size: (call) => [integerConstant(call.name, [countElements(valueAt(call, 0).shape)], [])],
};
