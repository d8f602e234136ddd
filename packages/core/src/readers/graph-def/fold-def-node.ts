import { countElements } from '../../base/nd-array.ts';
import {
  integerConstant,
  onlyNumber,
  reshapeConstant,
  type Constant,
  type ElementKind,
} from '../graph/constant.ts';
import { joinConstants, mapConstant } from '../graph/fold/elementwise.ts';
import {
  concatenateConstants,
  expandConstant,
  gatherConstant,
  sliceConstant,
  transposeConstant,
} from '../graph/fold/rearrange.ts';
import { reduceConstant, type Reduction } from '../graph/fold/reduce.ts';
import type { Stretch } from '../graph/cut-value.ts';
import {
  axisOf,
  constantAt,
  contradictory,
  integersAt,
  numberAt,
  type DefCall,
} from './def-call.ts';
import {
  expandedShape,
  insertOne,
  newShape,
  slicePlan,
  splitSizes,
  squeezedShape,
} from './shape-rules.ts';
import { planStridedSlice } from './strided-slice.ts';

type Fold = (call: DefCall) => Constant | readonly Constant[];

/**
 * Computes a node of constants: shape arithmetic, flags, weights that are written in parts.
 *
 * @returns null for an op that is not computed here.
 * @throws GradcamError `model` for a value over the limits.
 */
export function foldDefNode(call: DefCall): readonly Constant[] | null {
  const fold = Object.hasOwn(folds, call.op) ? folds[call.op] : undefined;
  if (fold === undefined) return null;
  const found = fold(call);
  const constants = Array.isArray(found) ? (found as readonly Constant[]) : [found as Constant];
  const given = Math.max(
    0,
    ...call.inputs.map((input) => (input.kind === 'constant' ? countElements(input.shape) : 0)),
  );
  for (const { shape } of constants) call.budget.take(countElements(shape), given, call.title);
  keepShallow(call, constants);
  return constants;
}

/** How many constants are computed from each other before a value is made. */
const depths = new WeakMap<Constant, number>();

/** Each constant that waits for another adds a call when it is made at last. */
const MOST_WAITING = 100;

function keepShallow(call: DefCall, constants: readonly Constant[]): void {
  const given = call.inputs.map((input) =>
    input.kind === 'constant' ? (depths.get(input) ?? 0) : 0,
  );
  const depth = 1 + Math.max(0, ...given);
  for (const constant of constants) {
    if (depth > MOST_WAITING) constant.values();
    depths.set(constant, depth > MOST_WAITING ? 0 : depth);
  }
}

const at = (call: DefCall, index: number): Constant => constantAt(call, index, `input ${index}`);

const map =
  (fn: (value: number) => number, element?: ElementKind): Fold =>
  (call) => {
    const x = at(call, 0);
    return mapConstant(x, call.name, element ?? x.element, fn);
  };

const join =
  (fn: (...values: number[]) => number, element?: ElementKind): Fold =>
  (call) => {
    const inputs = call.inputs.map((_, i) => at(call, i));
    const kind =
      element ?? (inputs.some((one) => one.element === 'float') ? 'float' : inputs[0]!.element);
    const joined = joinConstants(inputs, call.name, kind, fn);
    if (joined !== null) return joined;
    throw contradictory(call, 'its constants do not fit each other');
  };

const reduce =
  (reduction: Reduction): Fold =>
  (call) => {
    const x = at(call, 0);
    const axes = integersAt(call, 1, 'axes').map((axis) => axisOf(call, axis, x.shape.length));
    const keeps = call.attributes.flag('keep_dims', false);
    return reduceConstant(x, call.name, reduction, new Set(axes), keeps);
  };

/** Integers are divided downwards; floats exactly. */
const divide: Fold = (call) =>
  join((a, b) => (at(call, 0).element === 'float' ? a / b : Math.trunc(a / b)))(call);

const kinds: Readonly<Record<string, ElementKind>> = {
  ...{ DT_FLOAT: 'float', DT_HALF: 'float', DT_DOUBLE: 'float', DT_BFLOAT16: 'float' },
  DT_BOOL: 'boolean',
};

const cast: Fold = (call) => {
  const to = kinds[call.attributes.type('DstT')] ?? 'integer';
  const fn = { float: Number, integer: Math.trunc, boolean: (n: number) => (n === 0 ? 0 : 1) }[to];
  return mapConstant(at(call, 0), call.name, to, fn);
};

const toShape =
  (shapeOf: (call: DefCall, shape: readonly number[]) => readonly number[]): Fold =>
  (call) => {
    const x = at(call, 0);
    return reshapeConstant(x, x.name, shapeOf(call, x.shape));
  };

function cut(call: DefCall, stretches: readonly Stretch[]): Constant {
  return sliceConstant(
    at(call, 0),
    call.name,
    stretches.map(({ length }) => length),
    stretches.map(({ start }) => start),
    stretches.map(({ step }) => step),
  );
}

const stridedSlice: Fold = (call) => {
  const { stretches, shape } = planStridedSlice(call, at(call, 0).shape);
  const part = cut(call, stretches);
  return reshapeConstant(part, part.name, shape);
};

const transpose: Fold = (call) => {
  const x = at(call, 0);
  const axes = integersAt(call, 1, 'order of axes');
  const isOrder = [...axes].sort((a, b) => a - b).join() === x.shape.map((_, i) => i).join();
  if (!isOrder) throw contradictory(call, `axes [${axes.join(', ')}] of [${x.shape.join(', ')}]`);
  return transposeConstant(x, call.name, axes);
};

function besides(call: DefCall, parts: readonly Constant[], stated: number): Constant {
  const [first] = parts;
  if (first === undefined) throw contradictory(call, 'it has no inputs');
  const axis = axisOf(call, stated, first.shape.length);
  const fits = parts.every(
    ({ shape }) =>
      shape.length === first.shape.length &&
      shape.every((size, i) => i === axis || size === first.shape[i]),
  );
  if (!fits) throw contradictory(call, 'its constants do not fit each other');
  return concatenateConstants(parts, call.name, axis);
}

const concatenate: Fold = (call) => {
  const count = call.inputs.length - 1;
  const parts = call.inputs.slice(0, count).map((_, i) => at(call, i));
  return besides(call, parts, numberAt(call, count, 'axis'));
};

const pack: Fold = (call) => {
  const parts = call.inputs.map((_, i) => at(call, i));
  const rank = (parts[0]?.shape.length ?? 0) + 1;
  const axis = axisOf(call, call.attributes.integer('axis', 0), rank);
  const wide = parts.map((part) => reshapeConstant(part, part.name, insertOne(part.shape, axis)));
  return besides(call, wide, axis);
};

const split: Fold = (call) => {
  const isEven = call.op === 'Split';
  const x = at(call, isEven ? 1 : 0);
  const axis = axisOf(call, numberAt(call, isEven ? 0 : 2, 'axis'), x.shape.length);
  let start = 0;
  return splitSizes(call, x.shape[axis]!).map((length, i) => {
    const shape = x.shape.map((size, one) => (one === axis ? length : size));
    const starts = x.shape.map((_, one) => (one === axis ? start : 0));
    start += length;
    return sliceConstant(
      x,
      `${call.name}:${i}`,
      shape,
      starts,
      x.shape.map(() => 1),
    );
  });
};

const fill: Fold = (call) => {
  const shape = integersAt(call, 0, 'shape');
  const value = at(call, 1);
  checkSizes(call, shape);
  const plain = reshapeConstant(value, value.name, new Array<number>(shape.length).fill(1));
  if (onlyNumber(value) === null) throw contradictory(call, 'it fills with several numbers');
  return expandConstant(plain, call.name, shape);
};

function checkSizes(call: DefCall, shape: readonly number[]): void {
  if (shape.length <= 32 && shape.every((size) => size >= 0)) return;
  throw contradictory(call, `a shape [${shape.slice(0, 8).join(', ')}]`);
}

const range: Fold = (call) => {
  const [start, limit, step] = [0, 1, 2].map((i) => numberAt(call, i, 'bounds'));
  const count = Math.max(0, Math.ceil((limit! - start!) / step!));
  if (!Number.isSafeInteger(count)) throw contradictory(call, `a range in steps of ${step}`);
  call.budget.take(count, 0, call.title);
  return integerConstant(
    call.name,
    Array.from({ length: count }, (_, i) => start! + i * step!),
  );
};

const gather: Fold = (call) => {
  const x = at(call, 0);
  const axis = call.inputs.length > 2 ? numberAt(call, 2, 'axis') : 0;
  const place = axisOf(call, axis, x.shape.length);
  const indices = at(call, 1);
  call.budget.take(countElements(indices.shape), 0, call.title);
  const size = x.shape[place]!;
  const wrong = indices.values().find((index) => !(index >= -size && index < size));
  if (wrong !== undefined) throw contradictory(call, `index ${wrong} of ${size}`);
  return gatherConstant(x, call.name, place, indices);
};

const shape: Fold = (call) => integerConstant(call.name, at(call, 0).shape);

const is = (truth: boolean): number => (truth ? 1 : 0);

const folds: Readonly<Record<string, Fold>> = {
  ...Object.fromEntries(
    ['Identity', 'StopGradient', 'Snapshot', 'EnsureShape'].map((op): [string, Fold] => [
      op,
      (call) => at(call, 0),
    ]),
  ),
  Shape: shape,
  Rank: (call) => integerConstant(call.name, [at(call, 0).shape.length], []),
  Size: (call) => integerConstant(call.name, [countElements(at(call, 0).shape)], []),
  Cast: cast,
  Reshape: toShape((call, from) => newShape(call, from, integersAt(call, 1, 'shape'))),
  Squeeze: toShape((call, from) => squeezedShape(call, from)),
  ExpandDims: toShape(expandedShape),
  Transpose: transpose,
  ConcatV2: concatenate,
  Pack: pack,
  Split: split,
  SplitV: split,
  Slice: (call) => cut(call, slicePlan(call, at(call, 0).shape)),
  StridedSlice: stridedSlice,
  Fill: fill,
  Range: range,
  Gather: gather,
  GatherV2: gather,
  ZerosLike: map(() => 0),
  OnesLike: map(() => 1),
  Neg: map((x) => -x),
  Abs: map(Math.abs),
  Sqrt: map(Math.sqrt),
  Rsqrt: map((x) => 1 / Math.sqrt(x)),
  Square: map((x) => x * x),
  Reciprocal: map((x) => 1 / x),
  Exp: map(Math.exp),
  Log: map(Math.log),
  Floor: map(Math.floor),
  Ceil: map(Math.ceil),
  LogicalNot: map((x) => is(x === 0), 'boolean'),
  Add: join((a, b) => a + b),
  AddV2: join((a, b) => a + b),
  AddN: join((...values) => values.reduce((sum, one) => sum + one, 0)),
  BiasAdd: join((a, b) => a + b),
  Sub: join((a, b) => a - b),
  Mul: join((a, b) => a * b),
  RealDiv: divide,
  Div: divide,
  FloorDiv: join((a, b) => Math.floor(a / b)),
  FloorMod: join((a, b) => a - b * Math.floor(a / b)),
  Pow: join((a, b) => a ** b),
  Maximum: join(Math.max),
  Minimum: join(Math.min),
  Equal: join((a, b) => is(a === b), 'boolean'),
  NotEqual: join((a, b) => is(a !== b), 'boolean'),
  Greater: join((a, b) => is(a > b), 'boolean'),
  GreaterEqual: join((a, b) => is(a >= b), 'boolean'),
  Less: join((a, b) => is(a < b), 'boolean'),
  LessEqual: join((a, b) => is(a <= b), 'boolean'),
  LogicalAnd: join((a, b) => is(a !== 0 && b !== 0), 'boolean'),
  LogicalOr: join((a, b) => is(a !== 0 || b !== 0), 'boolean'),
  Prod: reduce('product'),
  Sum: reduce('sum'),
  Max: reduce('max'),
  Min: reduce('min'),
  Mean: reduce('mean'),
};
