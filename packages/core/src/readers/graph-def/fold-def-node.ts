import { countElements } from '../../base/nd-array.ts';
import {
  integerConstant,
  onlyNumber,
  reshapeConstant,
  type Constant,
  type ElementKind,
} from '../graph/constant.ts';
import { arithmetic, convertConstant, joined, logic, mapped } from '../graph/fold/arithmetic.ts';
import { filledConstant, rangeConstant } from '../graph/fold/fill.ts';
import {
  constantInput,
  constantInputs,
  foldNode,
  type Fold,
  type FoldTable,
} from '../graph/fold/fold-node.ts';
import { gatherConstant, sliceConstant, splitConstant } from '../graph/fold/indexing.ts';
import { concatenateConstants, transposeConstant } from '../graph/fold/rearrange.ts';
import { reduceConstant, type Reduction } from '../graph/fold/reduce.ts';
import { checkOrder, reshapedShape } from '../graph/new-shapes.ts';
import { axisOf, contradictory, integersAt, numberAt, type DefCall } from './def-call.ts';
import { expandedShape, insertOne, slicePlan, splitSizes, squeezedShape } from './shape-rules.ts';
import { growingFolds } from './grow-constants.ts';
import { planStridedSlice } from './strided-slice.ts';

/**
 * Computes a node whose inputs are all constants: shape arithmetic, flags, weights that are written in parts.
 *
 * @returns null for an op that has no fold.
 * @throws GradcamError `model` for a value over the limits.
 */
export function foldDefNode(call: DefCall): readonly Constant[] | null {
  return foldNode(folds, call.op, call);
}

type DefFold = Fold<DefCall>;

const handOn: DefFold = (call) => constantInput(call, 0);

const kinds: Readonly<Record<string, ElementKind>> = {
  ...{ DT_FLOAT: 'float', DT_HALF: 'float', DT_DOUBLE: 'float', DT_BFLOAT16: 'float' },
  DT_BOOL: 'boolean',
};

const cast: DefFold = (call) => {
  const to = kinds[call.attributes.type('DstT')] ?? 'integer';
  return convertConstant(constantInput(call, 0), call.name, to);
};

const reduce =
  (reduction: Reduction): DefFold =>
  (call) => {
    const x = constantInput(call, 0);
    const axes = integersAt(call, 1, 'axes').map((axis) => axisOf(call, axis, x.shape.length));
    const keeps = call.attributes.flag('keep_dims', false);
    return reduceConstant(x, call.name, reduction, new Set(axes), keeps);
  };

const reshape =
  (shapeOf: (call: DefCall, shape: readonly number[]) => readonly number[]): DefFold =>
  (call) => {
    const x = constantInput(call, 0);
    return reshapeConstant(x, x.name, shapeOf(call, x.shape));
  };

const slice: DefFold = (call) => {
  const x = constantInput(call, 0);
  return sliceConstant(x, call.name, slicePlan(call, x.shape));
};

const stridedSlice: DefFold = (call) => {
  const x = constantInput(call, 0);
  const { stretches, shape } = planStridedSlice(call, x.shape);
  return reshapeConstant(sliceConstant(x, call.name, stretches), call.name, shape);
};

const transpose: DefFold = (call) => {
  const x = constantInput(call, 0);
  const order = integersAt(call, 1, 'order of axes');
  checkOrder(call, order, x.shape);
  return transposeConstant(x, call.name, order);
};

/** The last input is the axis. */
const concatenate: DefFold = (call) => {
  const count = call.inputs.length - 1;
  return concatenateConstants(
    call,
    constantInputs(call).slice(0, count),
    numberAt(call, count, 'axis'),
  );
};

/** Each constant gets a new axis, along which they stand side by side. */
const pack: DefFold = (call) => {
  const parts = constantInputs(call);
  const rank = (parts[0]?.shape.length ?? 0) + 1;
  const axis = axisOf(call, call.attributes.integer('axis', 0), rank);
  const wide = parts.map((part) => reshapeConstant(part, part.name, insertOne(part.shape, axis)));
  return concatenateConstants(call, wide, axis);
};

/** `Split` has its axis before the value, `SplitV` after the sizes. */
const split: DefFold = (call) => {
  const isEven = call.op === 'Split';
  const x = constantInput(call, isEven ? 1 : 0);
  const axis = axisOf(call, numberAt(call, isEven ? 0 : 2, 'axis'), x.shape.length);
  return splitConstant(x, axis, splitSizes(call, x.shape[axis]!), (i) => `${call.name}:${i}`);
};

/** The parts along an axis, which is left out. */
const unpack: DefFold = (call) => {
  const x = constantInput(call, 0);
  const axis = axisOf(call, call.attributes.integer('axis', 0), x.shape.length);
  const shape = x.shape.filter((_, one) => one !== axis);
  const ones = new Array<number>(x.shape[axis]!).fill(1);
  return splitConstant(x, axis, ones, (i) => `${call.name}:${i}`).map((part) =>
    reshapeConstant(part, part.name, shape),
  );
};

const fill: DefFold = (call) => {
  const value = constantInput(call, 1);
  const only = onlyNumber(value);
  if (only === null) throw contradictory(call, 'it fills with several numbers');
  return filledConstant(call, value.element, integersAt(call, 0, 'shape'), only);
};

const range: DefFold = (call) => {
  const [start, limit, step] = ['start', 'limit', 'delta'].map((role, i) =>
    numberAt(call, i, role),
  );
  const { element } = constantInput(call, 0);
  return rangeConstant(call, element, { start: start!, limit: limit!, step: step! });
};

/** `Gather` takes places of the first axis, `GatherV2` of the axis that its last input states. */
const gather: DefFold = (call) => {
  const axis = call.inputs.length > 2 ? numberAt(call, 2, 'axis') : 0;
  return gatherConstant(call, constantInput(call, 0), axis, constantInput(call, 1));
};

/** The first value where the condition holds, else the second. */
const select: DefFold = (call) => {
  const { element } = constantInput(call, 1);
  return joined((is, a, b) => (is !== 0 ? a! : b!), element)(call);
};

/** By TensorFlow's names of ops. */
const folds: FoldTable<DefCall> = {
  Identity: handOn,
  StopGradient: handOn,
  Snapshot: handOn,
  EnsureShape: handOn,
  Shape: (call) => integerConstant(call.name, constantInput(call, 0).shape),
  Rank: (call) => integerConstant(call.name, [constantInput(call, 0).shape.length], []),
  Size: (call) => integerConstant(call.name, [countElements(constantInput(call, 0).shape)], []),
  Cast: cast,
  Reshape: reshape((call, from) => reshapedShape(call, from, integersAt(call, 1, 'shape'))),
  Squeeze: reshape((call, from) => squeezedShape(call, from)),
  ExpandDims: reshape(expandedShape),
  Transpose: transpose,
  ConcatV2: concatenate,
  Pack: pack,
  Unpack: unpack,
  Split: split,
  SplitV: split,
  Slice: slice,
  StridedSlice: stridedSlice,
  Fill: fill,
  Range: range,
  ...growingFolds,
  Gather: gather,
  GatherV2: gather,
  ZerosLike: mapped(() => 0),
  OnesLike: mapped(() => 1),
  Neg: arithmetic.negate,
  Abs: arithmetic.abs,
  Sqrt: arithmetic.sqrt,
  Rsqrt: arithmetic.inverseSqrt,
  Square: arithmetic.square,
  Reciprocal: arithmetic.reciprocal,
  Exp: arithmetic.exp,
  Log: arithmetic.log,
  Floor: arithmetic.floor,
  Ceil: arithmetic.ceil,
  Add: arithmetic.add,
  AddV2: arithmetic.add,
  AddN: arithmetic.sum,
  BiasAdd: arithmetic.add,
  Sub: arithmetic.subtract,
  Mul: arithmetic.multiply,
  RealDiv: arithmetic.divide,
  Div: arithmetic.divide,
  FloorDiv: arithmetic.floorDivide,
  FloorMod: arithmetic.floorModulo,
  Pow: arithmetic.power,
  Maximum: arithmetic.max,
  Minimum: arithmetic.min,
  Equal: logic.equal,
  NotEqual: logic.notEqual,
  Greater: logic.greater,
  GreaterEqual: logic.greaterOrEqual,
  Less: logic.less,
  LessEqual: logic.lessOrEqual,
  LogicalAnd: logic.and,
  LogicalOr: logic.or,
  LogicalNot: logic.not,
  SelectV2: select,
  Prod: reduce('product'),
  Sum: reduce('sum'),
  Max: reduce('max'),
  Min: reduce('min'),
  Mean: reduce('mean'),
};
