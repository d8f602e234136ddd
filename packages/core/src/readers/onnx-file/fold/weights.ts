import { countElements } from '../../../base/nd-array.ts';
import {
  onlyNumber,
  reshapeConstant,
  type Constant,
  type ElementKind,
} from '../../graph/constant.ts';
import { roundToEven } from '../../graph/fold/arithmetic.ts';
import { joinConstants } from '../../graph/fold/elementwise.ts';
import { constantInput, type Fold, type FoldTable } from '../../graph/fold/fold-node.ts';
import { standardiseChannels } from '../../graph/fold/standardise.ts';
import { integerRangeOf, UINT8 } from '../element-types.ts';
import { axisOf, contradictory, unsupported, type OnnxCall } from '../onnx-call.ts';

/** Folds that exporters write around weights. */

/** Weights of int8 become numbers. */
const dequantise: Fold<OnnxCall> = (call) => {
  call.attributes.ignore('output_dtype');
  return withScales(call, 'float', (value, scale, zero) => (value - zero) * scale);
};

/** Weights that the file holds as numbers, and rounds when it runs. */
const quantise: Fold<OnnxCall> = (call) => {
  const stated = call.attributes.integer('output_dtype', UINT8);
  const range = call.inputs[2] ? constantInput(call, 2).range : integerRangeOf(stated);
  call.attributes.ignore('saturate', 'precision');
  if (range === undefined) throw unsupported(call, 'it makes integers of an unsupported type');
  const [least, most] = range;
  const integers = withScales(call, 'integer', (value, scale, zero) => {
    const steps = roundToEven(Math.fround(value / scale));
    return Math.min(Math.max(steps + zero, least), most);
  });
  return { ...integers, range };
};

/** A tensor with its scale and zero point, each one number or one for each place of an axis. */
function withScales(
  call: OnnxCall,
  element: ElementKind,
  fn: (value: number, scale: number, zero: number) => number,
): Constant {
  const [x, scale] = [constantInput(call, 0), constantInput(call, 1)];
  const zero = call.inputs[2] ? constantInput(call, 2) : null;
  if (call.attributes.integer('block_size', 0) !== 0) {
    throw unsupported(
      call,
      'scales of blocks are not supported; expected one scale, or one for each place of an axis',
    );
  }
  const isSingle = onlyNumber(scale) !== null;
  const axis = call.attributes.integer('axis', 1);
  const place = isSingle ? null : axisOf(call, axis, x.shape.length);
  const shape = x.shape.map((_, i) => (i === place ? countElements(scale.shape) : 1));
  const fitted = (one: Constant): Constant => {
    if (countElements(one.shape) === countElements(shape)) {
      return reshapeConstant(one, one.name, shape);
    }
    throw contradictory(call, `its scale and zero point are not of one size`);
  };
  const inputs = zero === null ? [x, fitted(scale)] : [x, fitted(scale), fitted(zero)];
  const made = joinConstants(inputs, call.name, element, (value, factor, from = 0) =>
    fn(value!, factor!, from),
  );
  if (made?.shape.join() === x.shape.join()) return made;
  throw contradictory(call, 'its scale does not fit');
}

const normalise: Fold<OnnxCall> = (call) => {
  const x = constantInput(call, 0);
  const numbers = [1, 2, 3, 4].map((i) => constantInput(call, i));
  const channels = x.shape[1] ?? 1;
  if (numbers.some(({ shape }) => countElements(shape) !== channels)) {
    throw contradictory(call, `expected ${channels} numbers, one for each channel`);
  }
  const [scale, offset, mean, variance] = numbers as [Constant, Constant, Constant, Constant];
  const isTraining = call.attributes.flag('training_mode', false);
  call.attributes.ignore('momentum', 'spatial');
  return standardiseChannels(x, call.name, {
    ...{ scale, offset, epsilon: call.attributes.float('epsilon', 1e-5) },
    statistics: isTraining ? null : { mean, variance },
  });
};

export const weightFolds: FoldTable<OnnxCall> = {
  BatchNormalization: normalise,
  DequantizeLinear: dequantise,
  QuantizeLinear: quantise,
};
