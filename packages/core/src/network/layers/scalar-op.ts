import type { LayerRecord, ScalarOperand } from '../keras-topology.ts';
import type { OpOf } from '../op.ts';

/** Names of TensorFlow's functions in the JSON of Keras 2, by which operators of Python are saved. */
const functions: Readonly<Record<string, string>> = {
  '__operators__.add': 'Add',
  'math.add': 'Add',
  'math.divide': 'Divide',
  'math.multiply': 'Multiply',
  'math.subtract': 'Subtract',
  'math.truediv': 'Divide',
};

/**
 * An operator between a value and a number, as in `x + 3.0`, which Keras saves as a layer:
 * MobileNetV3's hard sigmoid is made of them.
 *
 * @returns null for what is none, or not linear in the value.
 */
export function readScalarOp(
  { className, config }: LayerRecord,
  { value, isFirst }: ScalarOperand,
): OpOf<'affine'> | null {
  const affine = (scale: number, offset: number): OpOf<'affine'> => ({
    kind: 'affine',
    scale: [scale],
    offset: [offset],
  });
  const name = className === 'TFOpLambda' ? functions[String(config['function'])] : className;
  switch (name) {
    case 'Add':
      return affine(1, value);
    case 'Subtract':
      return isFirst ? affine(-1, value) : affine(1, -value);
    case 'Multiply':
      return affine(value, 0);
    case 'Divide':
    case 'TrueDivide':
      return isFirst ? null : affine(1 / value, 0);
    default:
      return null;
  }
}
