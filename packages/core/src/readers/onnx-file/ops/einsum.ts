import { contractValues, readEquation } from '../../graph/contract-values.ts';
import { contradictory, unsupported, valueAt, type Translate } from '../onnx-call.ts';

/** `Einsum`: a sum of products over named axes, written as products of matrices. */
export const translateEinsum: Translate = (call) => {
  const text = call.attributes.text('equation', '');
  const values = call.inputs.map((_, i) => valueAt(call, i));
  const equation = readEquation(
    text,
    values.map(({ shape }) => shape.length),
  );
  if (equation === null) {
    throw unsupported(
      call,
      `equation '${text}' of values with ${values.map(({ shape }) => shape.length).join(', ')} axes; expected each axis named once in each term`,
    );
  }
  const given = values.map((value, i) => {
    const input = call.inputs[i];
    const constant = input?.kind === 'constant' ? input : null;
    return { value, letters: equation.inputs[i]!, constant };
  });
  const made = contractValues(call.builder, given, equation.output);
  if (made !== null) return [made];
  const shapes = values.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
  throw contradictory(call, `equation '${text}' does not fit values ${shapes}`);
};
