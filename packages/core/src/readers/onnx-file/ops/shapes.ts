import { countElements } from '../../../base/nd-array.ts';
import { integerConstant, onlyNumber, type Constant } from '../../graph/constant.ts';
import { cutValue, padValue } from '../../graph/cut-value.ts';
import { multiplyAxis } from '../../graph/dense.ts';
import { broadcastShapes } from '../../graph/fold/shapes.ts';
import { constantValue } from '../../graph/constant-value.ts';
import {
  alignValues,
  insertAxis,
  padRank,
  reshapeValue,
  transposeValue,
} from '../../graph/layout.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import { dropAxes } from '../../graph/reduce-value.ts';
import { repeatValue } from '../../graph/repeat-value.ts';
import { checkOrder, squeezedAxes, unsqueezedShape } from '../../graph/new-shapes.ts';
import type { NodeValue } from '../../graph/value.ts';
import {
  axisOf,
  constantAt,
  contradictory,
  integersAt,
  requireConstant,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';
import { kindOfType, titleOfType } from '../element-types.ts';
import { readFlatShape, readNewShape, readSlices, splitSizes } from '../shape-rules.ts';

/** Ops that say a value's axes anew, take parts of it or put parts together. */

const translateReshape: Translate = (call) => {
  const value = valueAt(call, 0);
  return [reshapeValue(call.builder, value, readNewShape(call, value.shape))];
};

const translateFlatten: Translate = (call) => {
  const value = valueAt(call, 0);
  return [reshapeValue(call.builder, value, readFlatShape(call, value.shape))];
};

const translateSqueeze: Translate = (call) => {
  const value = valueAt(call, 0);
  const stated = integersAt(call, 1, 'axes');
  if (stated === null && value.batch !== null) {
    call.builder.notes.push(
      `${call.title} states no axes: all of size 1 but the batch are dropped`,
    );
  }
  const dropped = squeezedAxes(call, value.shape, stated, value.batch);
  // What is dropped is not stored.
  const kept = { ...value, order: value.order.filter((axis) => !dropped.has(axis)) };
  const stored = kept.order.map((axis) => value.shape[axis]!);
  const isSame = stored.length === value.order.length;
  const node = isSame ? value.node : call.builder.emit({ kind: 'reshape' }, [value.node], stored);
  return [dropAxes({ ...kept, node }, dropped)];
};

const translateUnsqueeze: Translate = (call) => {
  const value = valueAt(call, 0);
  const axes = integersAt(call, 1, 'axes') ?? [];
  const shape = unsqueezedShape(call, value.shape, axes);
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  // Axes of before, where they are now; the new ones have size 1 and are not stored.
  const places = shape.map((_, axis) => axis).filter((axis) => !added.has(axis));
  const moved = (axis: number | null): number | null => (axis === null ? null : places[axis]!);
  const order = value.order.map((axis) => places[axis]!);
  return [{ ...value, shape, order, batch: moved(value.batch), channels: moved(value.channels) }];
};

const translateTranspose: Translate = (call) => {
  const value = valueAt(call, 0);
  const rank = value.shape.length;
  const axes = call.attributes.integers('perm') ?? value.shape.map((_, axis) => rank - 1 - axis);
  checkOrder(call, axes, value.shape);
  return [transposeValue(value, axes)];
};

const translateExpand: Translate = (call) => {
  const given = valueAt(call, 0);
  const sizes = Array.from(requireConstant(call, 1, 'shape').values());
  const value = padRank(given, sizes.length);
  const shape = broadcastShapes(value.shape, sizes);
  if (shape !== null) return [repeatValue(call.builder, value, shape)];
  throw contradictory(
    call,
    `a value [${value.shape.join(', ')}] does not become [${sizes.join(', ')}]`,
  );
};

/** Each axis as often as stated: an axis of its own before it is repeated, and both become one. */
const translateTile: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const repeats = Array.from(requireConstant(call, 1, 'repeats').values());
  const isWhole = repeats.every((times) => Number.isSafeInteger(times) && times >= 1);
  if (repeats.length !== value.shape.length || !isWhole) {
    throw contradictory(call, `repeats [${repeats.join(', ')}] of ${value.shape.length} axes`);
  }
  const split = value.shape.flatMap((size) => [1, size]);
  const apart = reshapeValue(builder, value, split);
  const repeated = repeatValue(
    builder,
    apart,
    value.shape.flatMap((size, axis) => [repeats[axis]!, size]),
  );
  return [
    reshapeValue(
      builder,
      repeated,
      value.shape.map((size, axis) => size * repeats[axis]!),
    ),
  ];
};

const translateConcat: Translate = (call) => {
  const { builder } = call;
  const computed = call.inputs.findIndex((input) => input?.kind !== 'constant');
  const first = valueAt(call, computed);
  const rank = first.shape.length;
  const axis = axisOf(call, call.attributes.integer('axis', 1), rank);
  const values = call.inputs.map((input, i) =>
    input?.kind === 'constant' ? constantValue(builder, input, first, [axis]) : valueAt(call, i),
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

/** Where all have size 1 along the axis, none stores it. */
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
    if (stretch.length < 1) throw unsupported(call, `nothing is left along axis ${axis}`);
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

/** Elements of a matrix that picks places: 64 MiB. */
const MAX_SELECTION = 2 ** 24;

/** Places of an axis by constant indices: a stretch, or a product with ones and zeros. */
const translateGather: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const axis = axisOf(call, call.attributes.integer('axis', 0), value.shape.length);
  const size = value.shape[axis]!;
  const indices = requireConstant(call, 1, 'indices');
  const places = Array.from(indices.values(), (index) => (index < 0 ? index + size : index));
  const wrong = places.find((place) => !(place >= 0 && place < size));
  if (wrong !== undefined) throw contradictory(call, `index ${wrong} of ${size}`);
  if (places.length === 0) throw unsupported(call, 'it takes nothing');
  const start = places[0]!;
  const step = places.length > 1 ? places[1]! - start : 1;
  const isStretch = step !== 0 && places.every((place, i) => place === start + i * step);
  let taken: NodeValue;
  if (isStretch) {
    taken = cutValue(builder, value, axis, { start, step, length: places.length });
  } else {
    if (size * places.length > MAX_SELECTION) {
      throw unsupported(call, `it takes ${places.length} of ${size} places in an order of its own`);
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

const translatePad: Translate = (call) => {
  const { attributes, builder } = call;
  const mode = attributes.text('mode', 'constant');
  const given = valueAt(call, 0);
  const rank = given.shape.length;
  const pads = integersAt(call, 1, 'pads') ?? attributes.integers('paddings') ?? [];
  const stated = call.inputs[3] ? Array.from(requireConstant(call, 3, 'axes').values()) : null;
  const axes = (stated ?? given.shape.map((_, axis) => axis)).map((axis) =>
    axisOf(call, axis, rank),
  );
  if (pads.length !== 2 * axes.length) {
    throw contradictory(call, `pads [${pads.join(', ')}] for ${axes.length} axes`);
  }
  const filling = constantAt(call, 2, 'value');
  const fill = filling === null ? attributes.float('value', 0) : (onlyNumber(filling) ?? NaN);
  if (pads.every((cells) => cells === 0)) return [given];
  if (mode !== 'constant' || !(Math.abs(fill) < 1e6)) {
    throw unsupported(
      call,
      mode === 'constant'
        ? `padding with ${fill} is not known here`
        : `padding by '${mode}' is not known here, 'constant' is`,
    );
  }
  // Zeros around what is lowered by the value, and then raised again.
  let value = scalarAffine(builder, given, 1, -fill);
  const before = (i: number): number => pads[i]!;
  const after = (i: number): number => pads[i + axes.length]!;
  axes.forEach((axis, i) => {
    const cut = [Math.min(0, before(i)), Math.min(0, after(i))] as const;
    const length = value.shape[axis]! + cut[0] + cut[1];
    if (length < 1) throw contradictory(call, `pads [${pads.join(', ')}] leave nothing`);
    value = cutValue(builder, value, axis, { start: -cut[0], step: 1, length });
    value = padValue(builder, value, axis, Math.max(0, before(i)), Math.max(0, after(i)));
  });
  return [scalarAffine(builder, value, 1, fill)];
};

const translateDropout: Translate = (call) => {
  const training = constantAt(call, 2, 'training_mode');
  call.attributes.ignore('ratio', 'seed', 'is_test', 'consumed_inputs');
  if (training !== null && onlyNumber(training) !== 0) {
    throw unsupported(
      call,
      'its training mode is on: the model was exported while it was trained; export it after model.eval()',
    );
  }
  // Its second output, the mask, is not known here.
  return [valueAt(call, 0)];
};

/** Between kinds of numbers with a fraction nothing is changed; all are computed as float32. */
const translateCast: Translate = (call) => {
  const to = call.attributes.integer('to', 1);
  call.attributes.ignore('saturate', 'round_mode');
  const value = valueAt(call, 0);
  if (kindOfType(to) !== 'float') {
    throw unsupported(call, `it makes ${titleOfType(to)} of computed numbers`);
  }
  return [value];
};

const translateShape: Translate = (call) => {
  const { shape } = valueAt(call, 0);
  const at = (place: number): number => (place < 0 ? place + shape.length : place);
  const start = at(call.attributes.integer('start', 0));
  const end = at(call.attributes.integer('end', shape.length));
  return [integerConstant(call.outputs[0] ?? '', shape.slice(Math.max(start, 0), end))];
};

const translateSize: Translate = (call) => [
  integerConstant(call.outputs[0] ?? '', [countElements(valueAt(call, 0).shape)], []) as Constant,
];

/** Blocks of channels become blocks of cells. */
const translateDepthToSpace: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const size = call.attributes.integer('blocksize', 1);
  const mode = call.attributes.text('mode', 'DCR');
  const [items = 1, channels = 1, height = 1, width = 1] = value.shape;
  const each = channels / (size * size);
  if (value.shape.length !== 4 || !Number.isInteger(each)) {
    throw contradictory(call, `blocks of ${size} of a value [${value.shape.join(', ')}]`);
  }
  const isCrd = mode === 'CRD';
  const split = isCrd
    ? [items, each, size, size, height, width]
    : [items, size, size, each, height, width];
  const axes = isCrd ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  const moved = transposeValue(reshapeValue(builder, value, split), axes);
  return [reshapeValue(builder, moved, [items, each, height * size, width * size])];
};

const translateSpaceToDepth: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const size = call.attributes.integer('blocksize', 1);
  const [items = 1, channels = 1, height = 1, width = 1] = value.shape;
  if (value.shape.length !== 4 || height % size !== 0 || width % size !== 0) {
    throw contradictory(call, `blocks of ${size} of a value [${value.shape.join(', ')}]`);
  }
  const [rows, columns] = [height / size, width / size];
  const split = [items, channels, rows, size, columns, size];
  const moved = transposeValue(reshapeValue(builder, value, split), [0, 3, 5, 1, 2, 4]);
  return [reshapeValue(builder, moved, [items, channels * size * size, rows, columns])];
};

export const shapeTranslators: Readonly<Record<string, Translate>> = {
  Reshape: translateReshape,
  Flatten: translateFlatten,
  Squeeze: translateSqueeze,
  Unsqueeze: translateUnsqueeze,
  Transpose: translateTranspose,
  Expand: translateExpand,
  Tile: translateTile,
  Concat: translateConcat,
  Slice: translateSlice,
  Split: translateSplit,
  Gather: translateGather,
  Pad: translatePad,
  Identity: (call) => [valueAt(call, 0)],
  Dropout: translateDropout,
  Cast: translateCast,
  Shape: translateShape,
  Size: translateSize,
  DepthToSpace: translateDepthToSpace,
  SpaceToDepth: translateSpaceToDepth,
};
