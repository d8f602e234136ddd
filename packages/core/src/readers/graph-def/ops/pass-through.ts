import { countElements } from '../../../base/nd-array.ts';
import { integerConstant } from '../../graph/constant.ts';
import { truncateValue } from '../../graph/whole-numbers.ts';
import { type TranslateDef, unsupported, valueAt } from '../def-call.ts';
import { isFractional } from '../graph-def.ts';

/** Ops that hand a value on unchanged, or tell its shape. */

const handOn: TranslateDef = (call) => {
  const [input] = call.inputs;
  return input?.kind === 'list' ? [input] : [valueAt(call, 0)];
};

/** Types that tfjs keeps as integers of 32 bits. */
const whole: ReadonlySet<string> = new Set([
  ...['DT_INT8', 'DT_UINT8', 'DT_INT16', 'DT_UINT16', 'DT_INT32', 'DT_INT64'],
]);

/**
 * A cast from numbers with fractions to integers cuts the fractions off. All other casts between numbers
 * change nothing, because everything is computed as float32.
 */
const cast: TranslateDef = (call) => {
  const [from, to] = [call.attributes.type('SrcT'), call.attributes.type('DstT')];
  const [input] = call.inputs;
  if (input?.kind === 'condition') return [input];
  if (isFractional(to) || (whole.has(to) && whole.has(from))) return handOn(call);
  if (!whole.has(to)) {
    throw unsupported(call, `casting computed values to ${to} is not supported; numbers are`);
  }
  call.builder.notes.push(
    `node ${call.name} casts to integers, which have no derivative; gradients pass it unchanged`,
  );
  return [truncateValue(call.builder, valueAt(call, 0))];
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
