import { FormatError } from '../../errors.ts';
import type { DType } from '../../tensors/dtype.ts';

/** DataType numbers of tensorflow/core/framework/types.proto. */
const DATA_TYPES: readonly (DType | undefined)[] = [
  undefined,
  'float32',
  'float64',
  'int32',
  'uint8',
  'int16',
  'int8',
  'string',
  'complex64',
  'int64',
  'bool',
  'qint8',
  'quint8',
  'qint32',
  'bfloat16',
  'qint16',
  'quint16',
  'uint16',
  'complex128',
  'float16',
  'resource',
  'variant',
  'uint32',
  'uint64',
];

/**
 * The dtype of a DataType number. Reference types (variables), whose numbers are larger by 100, count as
 * their base type.
 */
export function getDataType(number: number, tensor: string): DType {
  const dtype = DATA_TYPES[number > 100 ? number - 100 : number];
  if (dtype === undefined) {
    throw new FormatError('checkpoint', `${tensor} has the unknown data type ${number}`);
  }
  return dtype;
}
