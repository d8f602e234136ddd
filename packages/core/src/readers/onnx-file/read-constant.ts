import { GradcamError, isGradcamError } from '../../base/errors.ts';
import type { Value } from '../graph/value.ts';
import { decodeTensor } from './decode-tensor.ts';
import type { OnnxTranslation } from './onnx-translation.ts';
import type { OnnxFileNode, OnnxFileTensor } from './proto/onnx-schema.ts';

/** A weight of the file. One that cannot be read, such as a table of texts, matters only where it is used. */
export function readTensor(tensor: OnnxFileTensor, { external, where }: OnnxTranslation): Value {
  try {
    return decodeTensor(tensor, external, where);
  } catch (error) {
    if (!isGradcamError(error, 'unsupported')) throw error;
    return { kind: 'failure', error };
  }
}

/**
 * The value of a `Constant` node, which is a tensor or one of the attributes `value_float`, `value_floats`,
 * `value_int` and `value_ints`.
 *
 * @throws GradcamError `unsupported` for texts and sparse tensors.
 */
export function readConstant(
  { attributes, outputs }: OnnxFileNode,
  what: string,
  external: OnnxTranslation['external'],
): Value {
  const [attribute] = attributes.values();
  const name = outputs[0] ?? '';
  const { tensor, float, integer, floats, integers } = attribute ?? {};
  if (tensor !== undefined) return decodeTensor(tensor, external, what, name);
  const isList = attribute?.name.endsWith('s') === true;
  const isFloat = attribute?.name.startsWith('value_float') === true;
  const isInteger = attribute?.name.startsWith('value_int') === true;
  if (!isFloat && !isInteger) {
    throw new GradcamError(
      'unsupported',
      `${what}: its attribute '${attribute?.name ?? 'value'}' is not supported; expected numbers`,
    );
  }
  const list = floats ?? integers ?? [float ?? integer ?? NaN];
  const values = isFloat ? Float32Array.from(list) : Float64Array.from(list);
  return {
    kind: 'constant',
    name,
    element: isFloat ? 'float' : 'integer',
    shape: isList ? [(isFloat ? (floats ?? []) : (integers ?? [])).length] : [],
    values: () => values,
  };
}
