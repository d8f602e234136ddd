import { countElements } from '../../../base/nd-array.ts';
import { onlyNumber, reshapeConstant, type Constant } from '../../graph/constant.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import { isNonNegative } from '../../graph/is-non-negative.ts';
import { joinConstant } from '../../graph/lines.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import type { NodeValue } from '../../graph/value.ts';
import { integerRangeOf, UINT8 } from '../element-types.ts';
import {
  constantAt,
  contradictory,
  requireConstant,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';

/**
 * Quantised models in the QDQ format, in which every int8 value is a number that QuantizeLinear has made and
 * DequantizeLinear turns back. Both are computed in float32, so that the integers are multiples of a scale.
 */

/** What both ops state: real number = (integer - zero) * scale. */
interface Quantisation {
  readonly scale: Constant;
  readonly zero: number;
}

/** `QuantizeLinear`: `clamp(round(x / scale) + zero)`. */
export const translateQuantize: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const { scale, zero } = readQuantisation(call);
  const [least, most] = readRange(call).map((one) => one - zero) as [number, number];
  const step = onlyNumber(scale);
  if (step !== null) {
    const real = roundWithin(builder, value, step, least, most);
    return [scalarAffine(builder, real, 1 / step, zero)];
  }
  const steps = timesScale(call, value, scale, true);
  return [scalarAffine(builder, roundWithin(builder, steps, 1, least, most), 1, zero)];
};

/** `DequantizeLinear`: `(q - zero) * scale`. It undoes the line of a `QuantizeLinear` of the same numbers. */
export const translateDequantize: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const { scale, zero } = readQuantisation(call);
  call.attributes.ignore('output_dtype');
  const step = onlyNumber(scale);
  if (step !== null) return [scalarAffine(builder, value, step, -zero * step)];
  return [timesScale(call, scalarAffine(builder, value, 1, -zero), scale, false)];
};

/**
 * A value rounded to multiples of a step, from `least` to `most` of them.
 *
 * A quantiser drops a ReLU before a QuantizeLinear whose least number is 0: the clamp does the same. So that
 * clamp is the ReLU here, and policies of ReLUs are about it. A value that is never negative has no ReLU.
 */
function roundWithin(
  builder: GraphBuilder,
  value: NodeValue,
  step: number,
  least: number,
  most: number,
): NodeValue {
  const { shape } = builder.nodes.get(value.node)!;
  const isRelu = least === 0 && !isNonNegative(builder, value.node);
  const relu = { kind: 'relu', max: null, slope: 0 } as const;
  const before = isRelu ? builder.emit(relu, [value.node], shape) : value.node;
  const op = { kind: 'activation', fn: { name: 'quantise', step, least, most } } as const;
  const options = isRelu ? ({ isActivation: true } as const) : {};
  return { ...value, node: builder.emit(op, [before], shape, options) };
}

function readQuantisation(call: OnnxCall): Quantisation {
  const { attributes } = call;
  const scale = requireConstant(call, 1, 'scale');
  const zeros = constantAt(call, 2, 'zero point');
  if (attributes.integer('block_size', 0) !== 0) {
    throw unsupported(call, 'scales of blocks are not supported; one, or one for each place, is');
  }
  const zero = zeros === null ? 0 : zeros.values()[0]!;
  if (zeros !== null && zeros.values().some((one) => one !== zero)) {
    throw unsupported(call, 'zero points that differ along an axis are not supported');
  }
  if (!scale.values().every((one) => one > 0 && Number.isFinite(one))) {
    throw contradictory(call, 'its scale is not a number above 0');
  }
  return { scale, zero };
}

/** Least and greatest integer: those of the zero point's type. */
function readRange(call: OnnxCall): readonly [number, number] {
  const zeros = constantAt(call, 2, 'zero point');
  const stated = call.attributes.integer('output_dtype', UINT8);
  call.attributes.ignore('saturate', 'precision');
  const range = zeros === null ? integerRangeOf(stated) : zeros.range;
  if (range !== undefined) return range;
  throw unsupported(
    call,
    'it makes integers of a type that is not supported; int8, uint8, int16 and uint16 are',
  );
}

/** The value times a number for each place of the node's axis, or divided by it. */
function timesScale(
  call: OnnxCall,
  value: NodeValue,
  scale: Constant,
  isDivided: boolean,
): NodeValue {
  const stated = call.attributes.integer('axis', 1);
  const axis = stated < 0 ? stated + value.shape.length : stated;
  const count = countElements(scale.shape);
  if (value.shape[axis] !== count) {
    throw contradictory(call, `${count} scales for axis ${stated} of [${value.shape.join(', ')}]`);
  }
  const fitted = reshapeConstant(
    scale,
    scale.name,
    value.shape.map((_, i) => (i === axis ? count : 1)),
  );
  const reciprocal = { title: 'reciprocal', of: (one: number) => 1 / one };
  const asIs = { title: '', of: (one: number) => one };
  const fn = isDivided ? reciprocal : asIs;
  return joinConstant(call.builder, value, fitted, 'scale', fn)!;
}

/** Operators that compute with integers themselves, which have no gradient. */
const integerOps = [
  ...['ConvInteger', 'MatMulInteger', 'DynamicQuantizeLinear', 'QLinearConv', 'QLinearMatMul'],
] as const;

const refuseInteger: Translate = (call) => {
  throw unsupported(call, integerAdvice(call.type));
};

/** How to get a model without an operator that computes with integers. */
export function integerAdvice(type: string): string {
  const isDynamic = type.endsWith('Integer') || type === 'DynamicQuantizeLinear';
  return `${type} computes with integers${isDynamic ? ' of a range that it finds for each picture' : ''}; quantise the model with quantize_static(.., quant_format=QuantFormat.QDQ), which is supported, or use the model before it was quantised`;
}

export const quantisationTranslators: Readonly<Record<string, Translate>> = {
  QuantizeLinear: translateQuantize,
  DequantizeLinear: translateDequantize,
  ...Object.fromEntries(integerOps.map((type) => [type, refuseInteger])),
};
