/** Element types by their names in TensorFlow and numpy. Quantised types have TensorFlow's names. */
export type DType = keyof typeof ELEMENT_BYTES;

/** Bytes of one element; 0 if the elements have no fixed size and cannot be converted. */
export const ELEMENT_BYTES = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
  complex64: 8,
  complex128: 16,
  qint8: 1,
  quint8: 1,
  qint16: 2,
  quint16: 2,
  qint32: 4,
  string: 0,
  resource: 0,
  variant: 0,
} as const satisfies Record<string, number>;

/** Bytes of the scalars that a type consists of. A byte swap reverses each scalar. */
export function getSwapBytes(dtype: DType): number {
  if (dtype === 'complex64') return 4;
  if (dtype === 'complex128') return 8;
  return ELEMENT_BYTES[dtype];
}
