/** The names of types, by their numbers in tensorflow/core/framework/types.proto. */
const TYPE_NAMES =
  `DT_INVALID DT_FLOAT DT_DOUBLE DT_INT32 DT_UINT8 DT_INT16 DT_INT8 DT_STRING DT_COMPLEX64
  DT_INT64 DT_BOOL DT_QINT8 DT_QUINT8 DT_QINT32 DT_BFLOAT16 DT_QINT16 DT_QUINT16 DT_UINT16 DT_COMPLEX128
  DT_HALF DT_RESOURCE DT_VARIANT DT_UINT32 DT_UINT64`.split(/\s+/);

/** Types of references to variables have numbers that are larger by this. */
const REFERENCE = 100;

/** The name of a type; that of a reference is the type that it refers to. Unknown types are `DT_INVALID`. */
export function nameType(number: number): string {
  return TYPE_NAMES[number > REFERENCE ? number - REFERENCE : number] ?? 'DT_INVALID';
}

/** Types that tfjs does not have, and the one that holds their numbers there. */
const HELD_BY: Readonly<Record<string, string>> = {
  DT_BFLOAT16: 'DT_FLOAT',
  DT_INT16: 'DT_INT32',
  DT_UINT16: 'DT_INT32',
  DT_UINT32: 'DT_INT32',
  DT_UINT64: 'DT_INT64',
};

/** The type that tfjs reads in place of another one. */
export function holdingType(name: string): string {
  return HELD_BY[name] ?? name;
}
