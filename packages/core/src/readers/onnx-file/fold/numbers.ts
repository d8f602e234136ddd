import { onlyNumber } from '../../graph/constant.ts';
import { arithmetic, convertConstant, joined } from '../../graph/fold/arithmetic.ts';
import { mapConstant } from '../../graph/fold/elementwise.ts';
import { constantInput, type Fold, type FoldTable } from '../../graph/fold/fold-node.ts';
import { kindOfType } from '../element-types.ts';
import { unsupported, type OnnxCall } from '../onnx-call.ts';

/** Folds of single numbers whose meaning depends on an attribute. */

const modulo: Fold<OnnxCall> = (call) => {
  const keepsSign = call.attributes.flag('fmod', false);
  return (keepsSign ? arithmetic.remainder : arithmetic.floorModulo)(call);
};

const cast: Fold<OnnxCall> = (call) => {
  const type = call.attributes.integer('to', 1);
  const to = kindOfType(type);
  call.attributes.ignore('saturate', 'round_mode');
  if (to === null) throw unsupported(call, 'it casts to a type that is not supported');
  const whole = convertConstant(constantInput(call, 0), call.name, to);
  const narrow = narrowings[type];
  return narrow === undefined ? whole : mapConstant(whole, call.name, to, narrow);
};

const castLike: Fold<OnnxCall> = (call) =>
  convertConstant(constantInput(call, 0), call.name, constantInput(call, 1).element);

/** Integers of one or two bytes, by the types' numbers in onnx.proto. Larger integers wrap around. */
const narrowings: Readonly<Record<number, (value: number) => number>> = {
  2: (value) => Uint8Array.of(value)[0]!,
  3: (value) => Int8Array.of(value)[0]!,
  4: (value) => Uint16Array.of(value)[0]!,
  5: (value) => Int16Array.of(value)[0]!,
};

/** The bounds are inputs, and attributes before operator set 11. */
const clip: Fold<OnnxCall> = (call) => {
  const x = constantInput(call, 0);
  const bound = (index: number, attribute: string, open: number): number => {
    const stated = call.attributes.raw(attribute);
    if (stated !== null) return stated.float ?? 0;
    return call.inputs[index] ? (onlyNumber(constantInput(call, index)) ?? open) : open;
  };
  const [least, most] = [bound(1, 'min', -Infinity), bound(2, 'max', Infinity)];
  return mapConstant(x, call.name, x.element, (value) => Math.min(Math.max(value, least), most));
};

const where: Fold<OnnxCall> = (call) => {
  const { element } = constantInput(call, 1);
  return joined((is, a, b) => (is !== 0 ? a! : b!), element)(call);
};

export const numberFolds: FoldTable<OnnxCall> = {
  Mod: modulo,
  Cast: cast,
  CastLike: castLike,
  Clip: clip,
  Where: where,
};
