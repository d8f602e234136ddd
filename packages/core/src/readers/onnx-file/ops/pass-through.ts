import { countElements } from '../../../base/nd-array.ts';
import { type Constant, integerConstant, onlyNumber } from '../../graph/constant.ts';
import { isWhole } from '../../graph/whole-numbers.ts';
import { kindOfType, titleOfType } from '../element-types.ts';
import { constantAt, type Translate, unsupported, valueAt } from '../onnx-call.ts';

/** Operators that hand a value on unchanged, or tell its shape. */

const translateDropout: Translate = (call) => {
  const training = constantAt(call, 2, 'training_mode');
  call.attributes.ignore('ratio', 'seed', 'is_test', 'consumed_inputs');
  if (training !== null && onlyNumber(training) !== 0) {
    throw unsupported(
      call,
      'its training mode is on: the model was exported while it was trained; export it after model.eval()',
    );
  }
  // Its second output, the mask, is not supported.
  return [valueAt(call, 0)];
};

/** A cast between floating-point types changes nothing, because everything is computed as float32. */
const translateCast: Translate = (call) => {
  const to = call.attributes.integer('to', 1);
  call.attributes.ignore('saturate', 'round_mode');
  const value = valueAt(call, 0);
  // A truth value is 0 or 1 in any type.
  if (call.inputs[0]?.kind === 'condition') return [call.inputs[0]];
  // What is a whole number already stays the same.
  const isSame = kindOfType(to) === 'integer' && isWhole(call.builder, value.node);
  if (kindOfType(to) !== 'float' && !isSame) {
    throw unsupported(
      call,
      `casting computed values to ${titleOfType(to)} is not supported; floating point is`,
    );
  }
  const { kind, node, shape, order, batch, channels } = value;
  return [{ kind, node, shape, order, batch, channels }];
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

export const passThroughTranslators: Readonly<Record<string, Translate>> = {
  Identity: (call) => [valueAt(call, 0)],
  Dropout: translateDropout,
  Cast: translateCast,
  Shape: translateShape,
  Size: translateSize,
};
