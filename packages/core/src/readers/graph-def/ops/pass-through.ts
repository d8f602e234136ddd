import { countElements } from '../../../base/nd-array.ts';
import { integerConstant } from '../../graph/constant.ts';
import { type TranslateDef, unsupported, valueAt } from '../def-call.ts';

/** Ops that hand a value on unchanged, or tell its shape. */

const handOn: TranslateDef = (call) => [valueAt(call, 0)];

/** A cast between floating-point types changes nothing, because everything is computed as float32. */
const cast: TranslateDef = (call) => {
  const type = call.attributes.type('DstT');
  if (['DT_FLOAT', 'DT_HALF', 'DT_DOUBLE', 'DT_BFLOAT16', ''].includes(type)) return handOn(call);
  throw unsupported(call, `casting computed values to ${type} is not supported; floating point is`);
};

export const passThroughOps: Readonly<Record<string, TranslateDef>> = {
  Identity: handOn,
  IdentityN: (call) => call.inputs,
  StopGradient: handOn,
  PreventGradient: handOn,
  Snapshot: handOn,
  CheckNumerics: handOn,
  EnsureShape: handOn,
  Cast: cast,
  Shape: (call) => [integerConstant(call.name, valueAt(call, 0).shape)],
  Rank: (call) => [integerConstant(call.name, [valueAt(call, 0).shape.length], [])],
  Size: (call) => [integerConstant(call.name, [countElements(valueAt(call, 0).shape)], [])],
};
