import { countElements } from '../../../base/nd-array.ts';
import { clip, findActivation } from './activation-functions.ts';
import * as arithmetic from './arithmetic.ts';
import { getItem } from './get-item.ts';
import { onlyTerm, readAxis, type OperatorCall } from './operands.ts';
import type { Term } from './terms.ts';

/** What an operator makes of its operands. */
export type Operator = (call: OperatorCall) => Term;

/** Keras 3's name of an operator to what it computes; functions of TensorFlow are named so as well. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['Absolute', (call) => absolute(call, onlyTerm(call))],
  ['Add', arithmetic.add],
  ['Cast', cast],
  ['Clip', clipBetween],
  ['Concatenate', concatenate],
  ['ConvertToTensor', cast],
  ['Copy', onlyTerm],
  ['Elu', byName('elu')],
  ['Exp', byName('exponential')],
  ['ExpandDims', expandDims],
  ['Flip', flip],
  ['Gelu', gelu],
  ['GetItem', getItem],
  ['HardSigmoid', byName('hard_sigmoid')],
  ['HardSilu', byName('hard_silu')],
  ['HardTanh', byName('hard_tanh')],
  ['LeakyRelu', leakyRelu],
  ['Log', (call) => call.terms.fn(onlyTerm(call), { name: 'log' })],
  ['LogSigmoid', byName('log_sigmoid')],
  ['LogSoftmax', overLastAxis('log_softmax')],
  ['Maximum', arithmetic.maximum],
  ['Mean', (call) => reduce(call, true)],
  ['Minimum', arithmetic.minimum],
  ['Multiply', arithmetic.multiply],
  ['Negative', (call) => call.terms.affine(onlyTerm(call), [-1], [0])],
  ['Power', arithmetic.power],
  ['Reciprocal', power(-1)],
  ['Relu', byName('relu')],
  ['Relu6', byName('relu6')],
  ['Reshape', reshape],
  ['Resize', resize],
  ['Rsqrt', power(-0.5)],
  ['Selu', byName('selu')],
  ['Sigmoid', byName('sigmoid')],
  ['Silu', byName('silu')],
  ['Softmax', overLastAxis('softmax')],
  ['Softplus', byName('softplus')],
  ['Softsign', byName('softsign')],
  ['Sqrt', power(0.5)],
  ['Square', (call) => square(call, onlyTerm(call))],
  ['Squeeze', squeeze],
  ['Stack', stack],
  ['StopGradient', onlyTerm],
  ['Subtract', arithmetic.subtract],
  ['Sum', (call) => reduce(call, false)],
  ['Tanh', byName('tanh')],
  ['Transpose', transpose],
  ['TrueDivide', arithmetic.divide],
]);

function byName(name: string): Operator {
  return (call) => {
    const activation = findActivation(name, call.call.writer);
    if (name === 'elu' && Number(call.option('alpha') ?? 1) !== 1) {
      const alpha = Number(call.option('alpha'));
      return call.terms.fn(onlyTerm(call), { name: 'elu', alpha });
    }
    return activation!(onlyTerm(call), call.terms);
  };
}

function overLastAxis(name: string): Operator {
  return (call) => {
    const x = onlyTerm(call);
    const rank = x.shape.length;
    if (readAxis(call, call.option('axis') ?? -1, rank) !== rank - 1) {
      return call.refuse('expected the last axis');
    }
    return byName(name)(call);
  };
}

function gelu(call: OperatorCall): Term {
  // Keras's default is the approximation, TensorFlow's is not.
  const approximates = call.option('approximate') ?? call.call.writer === 'keras3';
  return call.terms.fn(onlyTerm(call), { name: approximates === true ? 'geluTanh' : 'gelu' });
}

function leakyRelu(call: OperatorCall): Term {
  const slope = Number(call.option('negative_slope', 'alpha') ?? 0.2);
  return call.terms.relu(onlyTerm(call), { slope });
}

function power(exponent: number): Operator {
  return (call) => call.terms.fn(onlyTerm(call), { name: 'power', exponent });
}

function square({ terms }: OperatorCall, x: Term): Term {
  return terms.multiply(x, x);
}

function absolute({ terms }: OperatorCall, x: Term): Term {
  return terms.apply({ kind: 'maximum' }, [x, terms.affine(x, [-1], [0])]);
}

/** To a type of floating point nothing changes; whole numbers would be cut off. */
function cast(call: OperatorCall): Term {
  const dtype = String(call.option('dtype', 'DstT') ?? 'float32');
  if (/float/i.test(dtype)) return onlyTerm(call);
  return call.refuse(`it casts to ${dtype}, and only floating point is supported`);
}

function clipBetween(call: OperatorCall): Term {
  const [x, ...bounds] = call.operands;
  const constants = bounds.map((one) => (one.kind === 'constant' ? one.value : undefined));
  const low = call.option('x_min', 'clip_value_min') ?? constants[0];
  const high = call.option('x_max', 'clip_value_max') ?? constants[1];
  if (x?.kind !== 'value' || typeof low !== 'number' || typeof high !== 'number') {
    return call.refuse('expected one value between two numbers');
  }
  return clip(x.term, low, high, call.terms);
}

function termsOf(call: OperatorCall): readonly Term[] {
  return call.operands.map((one) =>
    one.kind === 'value' ? one.term : call.refuse('a constant among the values is not supported'),
  );
}

function concatenate(call: OperatorCall): Term {
  const last = call.operands.at(-1);
  // tf.concat has its axis as a second argument.
  const given = last?.kind === 'constant' ? last.value : call.option('axis');
  const parts = termsOf(
    last?.kind === 'constant' ? { ...call, operands: call.operands.slice(0, -1) } : call,
  );
  const axis = readAxis(call, given ?? 0, parts[0]!.shape.length);
  const fits = parts.every(({ shape }) =>
    shape.every((size, i) => i === axis || size === parts[0]!.shape[i]),
  );
  return fits ? call.terms.concatenate(parts, axis) : call.refuse('the values do not fit together');
}

function stack(call: OperatorCall): Term {
  const parts = termsOf(call);
  const { shape } = parts[0]!;
  const axis = readAxis(call, call.option('axis') ?? 0, shape.length + 1);
  const one = [...shape.slice(0, axis), 1, ...shape.slice(axis)];
  return call.terms.concatenate(
    parts.map((part) => call.terms.reshape(part, one)),
    axis,
  );
}

/** The new shape counts the batch, whose size is not known: it has to be first, as -1, None or the rest. */
function reshape(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const target =
    call.option('newshape', 'shape') ?? (given?.kind === 'constant' ? given.value : null);
  if (x?.kind !== 'value' || !Array.isArray(target) || target.length === 0) {
    return call.refuse('expected a value and a constant shape');
  }
  const total = countElements(x.term.shape);
  const [batch, ...sizes] = target as unknown[];
  const known = sizes.filter((size) => size !== -1) as number[];
  const shape = sizes.map((size) => (size === -1 ? total / countElements(known) : Number(size)));
  const isBatch = batch === -1 || batch === null || (sizes.includes(-1) && batch === 1);
  if (!isBatch || countElements(shape) !== total || !shape.every(Number.isInteger)) {
    return call.refuse(
      `shape ${JSON.stringify(target)} does not keep the batch and its ${total} elements each`,
    );
  }
  return call.terms.reshape(x.term, shape);
}

function transpose(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const axes = call.option('axes', 'perm') ?? (given?.kind === 'constant' ? given.value : null);
  if (x?.kind !== 'value' || !Array.isArray(axes) || axes[0] !== 0) {
    return call.refuse('expected axes that keep the batch first');
  }
  const { shape } = x.term;
  const dims = (axes.slice(1) as unknown[]).map((axis) => readAxis(call, axis, shape.length));
  if (new Set(dims).size !== shape.length) return call.refuse('expected every axis once');
  const moved = dims.map((axis) => shape[axis]!);
  return call.terms.apply({ kind: 'permute', dims }, [x.term], moved);
}

function expandDims(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const axes = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  if (x?.kind !== 'value') return call.refuse('expected a value');
  const list: unknown[] = Array.isArray(axes) ? axes : [axes];
  const shape = [...x.term.shape];
  const places = list.map((axis) => readAxis(call, axis, shape.length + list.length));
  for (const place of places.sort((a, b) => a - b)) shape.splice(place, 0, 1);
  return call.terms.reshape(x.term, shape);
}

function squeeze(call: OperatorCall): Term {
  const [x, given] = call.operands;
  if (x?.kind !== 'value') return call.refuse('expected a value');
  const { shape } = x.term;
  const axes = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  const list: unknown[] =
    axes === undefined || axes === null ? [] : Array.isArray(axes) ? axes : [axes];
  const places = list.map((axis) => readAxis(call, axis, shape.length));
  const gone = (size: number, axis: number): boolean =>
    list.length === 0 ? size === 1 : places.includes(axis);
  if (!shape.every((size, axis) => !gone(size, axis) || size === 1)) {
    return call.refuse('an axis has more than one element');
  }
  const left = shape.filter((size, axis) => !gone(size, axis));
  return call.terms.reshape(x.term, left);
}

function flip(call: OperatorCall): Term {
  const x = onlyTerm({ ...call, operands: call.operands.slice(0, 1) });
  const [, given] = call.operands;
  const axes = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  const list: unknown[] = Array.isArray(axes) ? axes : [axes];
  return list.reduce<Term>((turned, one) => {
    const axis = readAxis(call, one, x.shape.length);
    const backwards = { start: null, stop: null, step: -1 };
    const key = [
      '...',
      backwards,
      ...x.shape.slice(axis + 1).map(() => ({ ...backwards, step: 1 })),
    ];
    return getItem({
      ...call,
      operands: [
        { kind: 'value', term: turned },
        { kind: 'constant', value: key },
      ],
    });
  }, x);
}

/** Mean or sum over axes; without axes of all but the batch there would be no batch left. */
function reduce(call: OperatorCall, isMean: boolean): Term {
  const [x, given] = call.operands;
  if (x?.kind !== 'value') return call.refuse('expected a value');
  const axes = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  if (axes === undefined || axes === null) return call.refuse('it reduces the batch as well');
  const { shape } = x.term;
  const list = (Array.isArray(axes) ? (axes as unknown[]) : [axes]).map((axis) =>
    readAxis(call, axis, shape.length),
  );
  const keeps = call.option('keepdims') === true;
  const left = shape.filter((_, axis) => !list.includes(axis));
  if (isMean && shape.length === 3 && [...list].sort().join() === '0,1') {
    const mean = call.terms.apply({ kind: 'globalAveragePool' }, [x.term], [shape[2]!]);
    return keeps ? call.terms.reshape(mean, [1, 1, shape[2]!]) : mean;
  }
  const summed = call.terms.sum(x.term, list);
  const count = list.reduce((product, axis) => product * shape[axis]!, 1);
  const reduced = isMean ? call.terms.affine(summed, [1 / count], [0]) : summed;
  return keeps ? reduced : call.terms.reshape(reduced, left);
}

function resize(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const size = call.option('size') ?? (given?.kind === 'constant' ? given.value : undefined);
  const method = String(call.option('interpolation', 'method') ?? 'bilinear').toLowerCase();
  const grids = { bilinear: 'linear', nearest: 'nearest', bicubic: 'cubic' } as const;
  for (const name of ['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'preserve_aspect_ratio']) {
    if (call.option(name) === true) return call.refuse(`${name} is not supported`);
  }
  if (call.option('data_format') === 'channels_first') return call.refuse('its channels are first');
  const [height, width] = Array.isArray(size) ? (size as unknown[]) : [];
  const isSize = (one: unknown): one is number => Number.isInteger(one) && (one as number) > 0;
  if (x?.kind !== 'value' || x.term.shape.length !== 3 || !isSize(height) || !isSize(width)) {
    return call.refuse('expected an image and a constant size');
  }
  if (!Object.hasOwn(grids, method)) return call.refuse(`method ${method} is not supported`);
  const antialias = call.option('antialias') === true;
  if (antialias && method !== 'bilinear')
    return call.refuse('it antialiases, known for bilinear only');
  const grid = antialias ? 'antialias' : grids[method as keyof typeof grids];
  for (const name of ['fill_mode', 'fill_value']) call.option(name);
  return call.terms.apply(
    { kind: 'resize', grid, height, width },
    [x.term],
    [height, width, x.term.shape[2]!],
  );
}
