import { countElements } from '../../base/nd-array.ts';
import {
  integerConstant,
  lazyConstant,
  onlyNumber,
  reshapeConstant,
  type Constant,
  type ElementKind,
} from '../graph/constant.ts';
import { joinConstants, mapConstant, valuesOf } from '../graph/fold/elementwise.ts';
import {
  concatenateConstants,
  expandConstant,
  gatherConstant,
  sliceConstant,
  transposeConstant,
} from '../graph/fold/rearrange.ts';
import { reduceConstant, type Reduction } from '../graph/fold/reduce.ts';
import { broadcastShapes, MAX_FOLDED_VALUES, resolveAxis } from '../graph/fold/shapes.ts';
import { decodeTensor, kindOfType } from './decode-tensor.ts';
import { contradictory, requireConstant, unsupported, type OnnxCall } from './onnx-call.ts';
import { reducedAxes } from './ops/reductions.ts';
import { readNewShape, readSlices, splitSizes, unsqueezedShape } from './shape-rules.ts';

/** Computes a node whose inputs are all constants. */
type Fold = (call: OnnxCall, name: string) => Constant | readonly Constant[];

/**
 * Computes a node of constants: shape arithmetic, index tables, weights that are written in parts.
 *
 * @returns null for an op that is not computed here.
 * @throws GradcamError `model` for a value over the limits.
 */
export function foldNode(call: OnnxCall): readonly Constant[] | null {
  const fold = folds[call.type];
  if (fold === undefined) return null;
  const found = fold(call, call.outputs[0] ?? '');
  const constants = Array.isArray(found) ? (found as readonly Constant[]) : [found as Constant];
  const given = Math.max(
    0,
    ...call.inputs.map((input) => (input?.kind === 'constant' ? countElements(input.shape) : 0)),
  );
  for (const { shape } of constants) call.budget.take(countElements(shape), given, call.title);
  return constants;
}

const at = (call: OnnxCall, index: number): Constant =>
  requireConstant(call, index, `input ${index}`);

const map =
  (fn: (value: number) => number, element?: ElementKind): Fold =>
  (call, name) => {
    const x = at(call, 0);
    return mapConstant(x, name, element ?? x.element, fn);
  };

const join =
  (fn: (...values: number[]) => number, element?: ElementKind): Fold =>
  (call, name) => {
    const inputs = call.inputs.map((_, i) => at(call, i));
    const kind =
      element ?? (inputs.some((one) => one.element === 'float') ? 'float' : inputs[0]!.element);
    const joined = joinConstants(inputs, name, kind, fn);
    if (joined !== null) return joined;
    throw contradictory(call, 'its constants do not fit each other');
  };

/** Integers are divided towards zero. */
const divide: Fold = (call, name) => {
  const isFloat = at(call, 0).element === 'float';
  return join((a, b) => (isFloat ? a / b : Math.trunc(a / b)))(call, name);
};

/** The result is of the base's kind. */
const raise: Fold = (call, name) => {
  const { element } = at(call, 0);
  const of = element === 'float' ? Number : Math.trunc;
  return join((a, b) => of(a! ** b!), element)(call, name);
};

const modulo: Fold = (call, name) => {
  const keepsSign = call.attributes.flag('fmod', false);
  return join((a, b) => (keepsSign ? a % b : a - b * Math.floor(a / b)))(call, name);
};

const cast: Fold = (call, name) => {
  const type = call.attributes.integer('to', 1);
  const to = kindOfType(type);
  call.attributes.ignore('saturate', 'round_mode');
  if (to === null) throw unsupported(call, 'it makes numbers that are not read here');
  const whole = convert(at(call, 0), name, to);
  const narrow = narrowings[type];
  return narrow === undefined ? whole : mapConstant(whole, name, to, narrow);
};

function convert(x: Constant, name: string, to: ElementKind): Constant {
  if (to === x.element) return x;
  const fn = { float: Number, integer: Math.trunc, boolean: (n: number) => (n === 0 ? 0 : 1) }[to];
  return mapConstant(x, name, to, fn);
}

/** Integers of one or two bytes, by their numbers in onnx.proto: what does not fit goes round. */
const narrowings: Readonly<Record<number, (value: number) => number>> = {
  2: (value) => Uint8Array.of(value)[0]!,
  3: (value) => Int8Array.of(value)[0]!,
  4: (value) => Uint16Array.of(value)[0]!,
  5: (value) => Int16Array.of(value)[0]!,
};

const clip: Fold = (call, name) => {
  const x = at(call, 0);
  const bound = (index: number, attribute: string, open: number): number => {
    const stated = call.attributes.raw(attribute);
    if (stated !== null) return stated.float ?? 0;
    return call.inputs[index] ? (onlyNumber(at(call, index)) ?? open) : open;
  };
  const [least, most] = [bound(1, 'min', -Infinity), bound(2, 'max', Infinity)];
  return mapConstant(x, name, x.element, (value) => Math.min(Math.max(value, least), most));
};

const reshape: Fold = (call) => {
  const x = at(call, 0);
  return reshapeConstant(x, x.name, readNewShape(call, x.shape));
};

const flatten: Fold = (call) => {
  const x = at(call, 0);
  const axis = call.attributes.integer('axis', 1);
  const place = axis < 0 ? axis + x.shape.length : axis;
  const rows = countElements(x.shape.slice(0, place));
  return reshapeConstant(x, x.name, [rows, countElements(x.shape.slice(place))]);
};

const axesOf = (call: OnnxCall, rank: number): readonly number[] | null => {
  const stated =
    call.attributes.integers('axes') ?? (call.inputs[1] ? Array.from(at(call, 1).values()) : null);
  return stated?.map((axis) => placeIn(call, axis, rank)) ?? null;
};

function placeIn(call: OnnxCall, axis: number, rank: number): number {
  const place = resolveAxis(axis, rank);
  if (place === null) throw contradictory(call, `axis ${axis} of a constant with ${rank} axes`);
  return place;
}

const squeeze: Fold = (call) => {
  const x = at(call, 0);
  const axes = axesOf(call, x.shape.length);
  const shape = x.shape.filter((size, axis) => (axes === null ? size !== 1 : !axes.includes(axis)));
  if (countElements(shape) !== countElements(x.shape))
    throw contradictory(call, 'it drops an axis that is not 1');
  return reshapeConstant(x, x.name, shape);
};

const unsqueeze: Fold = (call) => {
  const x = at(call, 0);
  const stated = call.attributes.integers('axes') ?? Array.from(at(call, 1).values());
  return reshapeConstant(x, x.name, unsqueezedShape(call, x.shape, stated));
};

const transpose: Fold = (call, name) => {
  const x = at(call, 0);
  const axes =
    call.attributes.integers('perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  const isOrder = [...axes].sort((a, b) => a - b).join() === x.shape.map((_, i) => i).join();
  if (!isOrder) throw contradictory(call, `perm [${axes.join(', ')}] of [${x.shape.join(', ')}]`);
  return transposeConstant(x, name, axes);
};

const concatenate: Fold = (call, name) => {
  const parts = call.inputs.map((_, i) => at(call, i));
  const [first] = parts;
  if (first === undefined) throw contradictory(call, 'it has no inputs');
  const axis = placeIn(call, call.attributes.integer('axis', 0), first.shape.length);
  const fits = parts.every(
    ({ shape }) =>
      shape.length === first.shape.length &&
      shape.every((n, i) => i === axis || n === first.shape[i]),
  );
  if (!fits) throw contradictory(call, 'its constants do not fit each other');
  return concatenateConstants(parts, name, axis);
};

const slice: Fold = (call, name) => {
  const x = at(call, 0);
  const shape = [...x.shape];
  const starts = x.shape.map(() => 0);
  const steps = x.shape.map(() => 1);
  for (const { axis, start, step, length } of readSlices(call, x.shape)) {
    shape[axis] = length;
    starts[axis] = start;
    steps[axis] = step;
  }
  return sliceConstant(x, name, shape, starts, steps);
};

const gather: Fold = (call, name) => {
  const x = at(call, 0);
  const axis = placeIn(call, call.attributes.integer('axis', 0), x.shape.length);
  const indices = at(call, 1);
  const size = x.shape[axis]!;
  call.budget.take(countElements(indices.shape), 0, call.title);
  const wrong = indices.values().find((index) => !(index >= -size && index < size));
  if (wrong !== undefined) throw contradictory(call, `index ${wrong} of ${size}`);
  return gatherConstant(x, name, axis, indices);
};

const shapeFrom = (call: OnnxCall, index: number): number[] => {
  const sizes = Array.from(at(call, index).values());
  const isShape =
    sizes.length <= 32 && sizes.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape) throw contradictory(call, `a shape [${sizes.slice(0, 8).join(', ')}]`);
  return sizes;
};

const expand: Fold = (call, name) => {
  const x = at(call, 0);
  const shape = broadcastShapes(x.shape, shapeFrom(call, 1));
  if (shape === null) throw contradictory(call, 'its shape does not fit');
  return expandConstant(x, name, shape);
};

const constantOfShape: Fold = (call, name) => {
  const shape = shapeFrom(call, 0);
  const { tensor } = call.attributes.raw('value') ?? {};
  const filling = tensor === undefined ? null : decodeTensor(tensor, new Map(), call.title);
  const value = filling === null ? 0 : (onlyNumber(filling) ?? 0);
  const element = filling?.element ?? 'float';
  return lazyConstant(name, element, shape, () =>
    valuesOf(element, countElements(shape)).fill(value),
  );
};

const range: Fold = (call, name) => {
  const [start, limit, step] = [0, 1, 2].map((i) => onlyNumber(at(call, i)) ?? NaN) as [
    number,
    number,
    number,
  ];
  const count = Math.max(0, Math.ceil((limit - start) / step));
  if (!(count <= MAX_FOLDED_VALUES))
    throw contradictory(call, `${count} numbers from ${start} to ${limit}`);
  const { element } = at(call, 0);
  return lazyConstant(name, element, [count], () =>
    valuesOf(element, count).map((_, i) => start + i * step),
  );
};

const tile: Fold = (call, name) => {
  const x = at(call, 0);
  const repeats = shapeFrom(call, 1);
  if (repeats.length !== x.shape.length) throw contradictory(call, 'its repeats do not fit');
  // Each axis once more in front of itself, repeated, and then both as one.
  const split = x.shape.flatMap((size) => [1, size]);
  const shape = x.shape.flatMap((size, axis) => [repeats[axis]!, size]);
  const repeated = expandConstant(reshapeConstant(x, name, split), name, shape);
  return reshapeConstant(
    repeated,
    name,
    x.shape.map((size, axis) => size * repeats[axis]!),
  );
};

const split: Fold = (call) => {
  const x = at(call, 0);
  const axis = placeIn(call, call.attributes.integer('axis', 0), x.shape.length);
  let start = 0;
  return splitSizes(call, x.shape[axis]!).map((length, i) => {
    const starts = x.shape.map((_, one) => (one === axis ? start : 0));
    const shape = x.shape.map((size, one) => (one === axis ? length : size));
    start += length;
    return sliceConstant(
      x,
      call.outputs[i] ?? '',
      shape,
      starts,
      x.shape.map(() => 1),
    );
  });
};

const reduce =
  (reduction: Reduction): Fold =>
  (call, name) => {
    const x = at(call, 0);
    const keeps = call.attributes.flag('keepdims', true);
    return reduceConstant(x, name, reduction, reducedAxes(call, x.shape.length), keeps);
  };

/** Along an axis the sum of all up to each. */
const cumulate: Fold = (call, name) => {
  const x = at(call, 0);
  const axis = placeIn(call, onlyNumber(at(call, 1)) ?? 0, x.shape.length);
  const leavesOwn = call.attributes.flag('exclusive', false);
  const isBackward = call.attributes.flag('reverse', false);
  return lazyConstant(name, x.element, x.shape, () => {
    const from = x.values();
    const to = valuesOf(x.element, from.length);
    const [size, inner] = [x.shape[axis]!, countElements(x.shape.slice(axis + 1))];
    for (let start = 0; start < from.length; start += size * inner) {
      for (let column = 0; column < inner; column++) {
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const place = start + (isBackward ? size - 1 - i : i) * inner + column;
          to[place] = leavesOwn ? sum : sum + from[place]!;
          sum += from[place]!;
        }
      }
    }
    return to;
  });
};

/** Copies of the data with some slices in place of others. */
const scatter: Fold = (call, name) => {
  const [x, indices, updates] = [at(call, 0), at(call, 1), at(call, 2)];
  if (call.attributes.text('reduction', 'none') !== 'none') throw unsupported(call, 'it adds up');
  const depth = indices.shape.at(-1) ?? 0;
  const inner = countElements(x.shape.slice(depth));
  const count = depth === 0 ? 0 : countElements(indices.shape) / depth;
  if (depth > x.shape.length || count * inner !== countElements(updates.shape)) {
    throw contradictory(call, 'its indices and updates do not fit');
  }
  return lazyConstant(name, x.element, x.shape, () => {
    const to = x.values().slice();
    const places = indices.values();
    const values = updates.values();
    for (let i = 0; i < count; i++) {
      let place = 0;
      for (let axis = 0; axis < depth; axis++) {
        const [index, size] = [places[i * depth + axis]!, x.shape[axis]!];
        if (!(index >= -size && index < size))
          throw contradictory(call, `index ${index} of ${size}`);
        place = place * size + (index < 0 ? index + size : index);
      }
      to.set(values.subarray(i * inner, (i + 1) * inner), place * inner);
    }
    return to;
  });
};

/** int8 weights as numbers, by one scale or one for each place of an axis. */
const dequantise: Fold = (call, name) => {
  const [x, scale] = [at(call, 0), at(call, 1)];
  const zero = call.inputs[2] ? at(call, 2) : null;
  call.attributes.ignore('output_dtype');
  if (call.attributes.integer('block_size', 0) !== 0) {
    throw unsupported(call, 'scales of blocks are not read here; one, or one for each place, is');
  }
  const axis = call.attributes.integer('axis', 1);
  const place = onlyNumber(scale) !== null ? 0 : placeIn(call, axis, x.shape.length);
  const shape = x.shape.map((_, i) =>
    i === place && onlyNumber(scale) === null ? countElements(scale.shape) : 1,
  );
  const fitted = (one: Constant): Constant => reshapeConstant(one, one.name, shape);
  const inputs = zero === null ? [x, fitted(scale)] : [x, fitted(scale), fitted(zero)];
  const joined = joinConstants(
    inputs,
    name,
    'float',
    (value, by, from = 0) => (value! - from) * by!,
  );
  if (joined === null || joined.shape.join() !== x.shape.join())
    throw contradictory(call, 'its scale does not fit');
  return joined;
};

/**
 * A weight that is standardised, channel by channel: with the statistics of training by its own, as PyTorch
 * writes weight standardisation.
 */
const normalise: Fold = (call, name) => {
  const x = at(call, 0);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => at(call, i)) as Constant[];
  const epsilon = call.attributes.float('epsilon', 1e-5);
  const isOwn = call.attributes.flag('training_mode', false);
  call.attributes.ignore('momentum', 'spatial');
  const channels = x.shape[1] ?? 1;
  const inner = countElements(x.shape.slice(2));
  if ([gamma, beta, mean, variance].some((one) => countElements(one!.shape) !== channels)) {
    throw contradictory(call, `its numbers are not ${channels}`);
  }
  return lazyConstant(name, 'float', x.shape, () => {
    const values = x.values();
    const made = new Float32Array(values.length);
    const [gammas, betas] = [gamma!.values(), beta!.values()];
    const [means, variances] = isOwn
      ? channelStatistics(values, channels, inner)
      : [mean!.values(), variance!.values()];
    for (let start = 0; start < values.length; start += inner) {
      const channel = (start / inner) % channels;
      const scale = gammas[channel]! / Math.sqrt(variances[channel]! + epsilon);
      const [from, shift] = [means[channel]!, betas[channel]!];
      for (let i = start; i < start + inner; i++) made[i] = (values[i]! - from) * scale + shift;
    }
    return made;
  });
};

/** Mean and variance of each channel, of values [items, channels, inner]. */
function channelStatistics(
  values: ArrayLike<number>,
  channels: number,
  inner: number,
): [means: Float64Array, variances: Float64Array] {
  const [means, variances] = [new Float64Array(channels), new Float64Array(channels)];
  const each = values.length / channels;
  for (let start = 0; start < values.length; start += inner) {
    const channel = (start / inner) % channels;
    for (let i = start; i < start + inner; i++) means[channel]! += values[i]! / each;
  }
  for (let start = 0; start < values.length; start += inner) {
    const channel = (start / inner) % channels;
    const mean = means[channel]!;
    for (let i = start; i < start + inner; i++)
      variances[channel]! += (values[i]! - mean) ** 2 / each;
  }
  return [means, variances];
}

const shapeOf: Fold = (call, name) => {
  const { shape } = at(call, 0);
  const end = call.attributes.integer('end', shape.length);
  return integerConstant(name, shape.slice(call.attributes.integer('start', 0), end));
};

const folds: Readonly<Record<string, Fold>> = {
  Identity: (call) => at(call, 0),
  Dropout: (call) => at(call, 0),
  Shape: shapeOf,
  Size: (call, name) => integerConstant(name, [countElements(at(call, 0).shape)], []),
  Cast: cast,
  CastLike: (call, name) => convert(at(call, 0), name, at(call, 1).element),
  Add: join((a, b) => a! + b!),
  Sub: join((a, b) => a! - b!),
  Mul: join((a, b) => a! * b!),
  Div: divide,
  Mod: modulo,
  Pow: raise,
  Min: join(Math.min),
  Max: join(Math.max),
  Sum: join((...values) => values.reduce((a, b) => a + b, 0)),
  Equal: join((a, b) => (a === b ? 1 : 0), 'boolean'),
  Greater: join((a, b) => (a! > b! ? 1 : 0), 'boolean'),
  GreaterOrEqual: join((a, b) => (a! >= b! ? 1 : 0), 'boolean'),
  Less: join((a, b) => (a! < b! ? 1 : 0), 'boolean'),
  LessOrEqual: join((a, b) => (a! <= b! ? 1 : 0), 'boolean'),
  And: join((a, b) => (a !== 0 && b !== 0 ? 1 : 0), 'boolean'),
  Or: join((a, b) => (a !== 0 || b !== 0 ? 1 : 0), 'boolean'),
  Xor: join((a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0), 'boolean'),
  Not: map((value) => (value === 0 ? 1 : 0), 'boolean'),
  Where: (call, name) => {
    const element = at(call, 1).element;
    return join((is, a, b) => (is !== 0 ? a! : b!), element)(call, name);
  },
  Neg: map((value) => -value),
  Abs: map(Math.abs),
  Sqrt: map(Math.sqrt),
  Reciprocal: map((value) => 1 / value),
  Exp: map(Math.exp),
  Log: map(Math.log),
  Sin: map(Math.sin),
  Cos: map(Math.cos),
  Tanh: map(Math.tanh),
  Sigmoid: map((value) => 1 / (1 + Math.exp(-value))),
  Relu: map((value) => Math.max(value, 0)),
  Ceil: map(Math.ceil),
  Floor: map(Math.floor),
  Round: map((value) =>
    Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value),
  ),
  Sign: map(Math.sign),
  Clip: clip,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concatenate,
  Slice: slice,
  Split: split,
  Gather: gather,
  Expand: expand,
  Tile: tile,
  ConstantOfShape: constantOfShape,
  Range: range,
  CumSum: cumulate,
  ScatterND: scatter,
  ReduceSum: reduce('sum'),
  ReduceMean: reduce('mean'),
  ReduceProd: reduce('product'),
  ReduceMax: reduce('max'),
  ReduceMin: reduce('min'),
  BatchNormalization: normalise,
  DequantizeLinear: dequantise,
};
