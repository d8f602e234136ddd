import type { DType } from '../../tensors/dtype.ts';

/**
 * The fields of a TensorProto that contain the values of each dtype. Specification:
 * tensorflow/core/framework/tensor.proto.
 */
export interface ValueField {
  /** The number of the repeated field `*_val`. */
  readonly number: number;
  /** Bytes of an item of fixed width; 0 for varints. */
  readonly fixedBytes: 0 | 4 | 8;
}

/** `tensor_content`: the raw little-endian elements. V1 writers never use it. */
export const TENSOR_CONTENT_FIELD = 4;

const INT_VALUES: ValueField = { number: 7, fixedBytes: 0 };

/** A complex item is a pair of the fixed-width scalar, which is also how its bytes are stored. */
export const VALUE_FIELDS: Readonly<Partial<Record<DType, ValueField>>> = {
  float32: { number: 5, fixedBytes: 4 },
  float64: { number: 6, fixedBytes: 8 },
  complex64: { number: 9, fixedBytes: 4 },
  complex128: { number: 12, fixedBytes: 8 },
  int64: { number: 10, fixedBytes: 0 },
  bool: { number: 11, fixedBytes: 0 },
  float16: { number: 13, fixedBytes: 0 },
  bfloat16: { number: 13, fixedBytes: 0 },
  uint32: { number: 16, fixedBytes: 0 },
  uint64: { number: 17, fixedBytes: 0 },
  int32: INT_VALUES,
  int16: INT_VALUES,
  int8: INT_VALUES,
  uint8: INT_VALUES,
  uint16: INT_VALUES,
  qint8: INT_VALUES,
  quint8: INT_VALUES,
  qint16: INT_VALUES,
  quint16: INT_VALUES,
  qint32: INT_VALUES,
};
