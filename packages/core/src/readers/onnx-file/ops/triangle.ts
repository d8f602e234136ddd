import { constantValue } from '../../graph/constant-value.ts';
import { lazyConstant, onlyNumber, type Constant } from '../../graph/constant.ts';
import { joinConstants } from '../../graph/fold/elementwise.ts';
import { constantInput, type Fold } from '../../graph/fold/fold-node.ts';
import { joinValues } from '../../graph/join-values.ts';
import { contradictory, type OnnxCall, type Translate, valueAt } from '../onnx-call.ts';

/** `Trilu`: one triangle of matrices, zeros elsewhere. */

export const foldTriangle: Fold<OnnxCall> = (call) => {
  const x = constantInput(call, 0);
  const mask = readTriangle(call, x.shape);
  return joinConstants([x, mask], call.name, x.element, (value, is) => (is === 0 ? 0 : value!))!;
};

export const translateTriangle: Translate = (call) => {
  const value = valueAt(call, 0);
  const mask = constantValue(call.builder, readTriangle(call, value.shape), value);
  const zero = lazyConstant('the number 0', 'float', [], () => Float32Array.of(0));
  const zeros = constantValue(call.builder, zero, value);
  return [joinValues(call.builder, 'select', [mask, value, zeros])];
};

/** 1 in the triangle, 0 elsewhere, for the last two axes. */
function readTriangle(call: OnnxCall, shape: readonly number[]): Constant {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined) {
    throw contradictory(call, `a triangle of a value [${shape.join(', ')}]`);
  }
  const isUpper = call.attributes.flag('upper', true);
  const shift = call.inputs[1] ? (onlyNumber(constantInput(call, 1)) ?? 0) : 0;
  const name = `${isUpper ? 'upper' : 'lower'} triangle ${shift} of ${rows} by ${columns}`;
  call.budget.take(rows * columns, rows * columns, call.title);
  return lazyConstant(name, 'float', [rows, columns], () =>
    Float32Array.from({ length: rows * columns }, (_, i) => {
      const diagonal = (i % columns) - Math.floor(i / columns);
      return (isUpper ? diagonal >= shift : diagonal <= shift) ? 1 : 0;
    }),
  );
}
