import { countElements } from '../../base/nd-array.ts';
import { asFloat32, onlyNumber, type Constant } from './constant.ts';
import { broadcastShapes, broadcastStrides, walk } from './fold/shapes.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { arrange, orderWithLast, padRank, plainOrder } from './layout.ts';
import { recogniseSixth, scalarLine } from './recognise.ts';
import type { NodeValue } from './value.ts';

/** Numbers that stand in the op itself: a normalisation of the channels of a picture, which is then found there. */
const MOST_IN_OP = 4;

/** `x * scale + offset` with one number for all. */
export function scalarAffine(
  builder: GraphBuilder,
  value: NodeValue,
  scale: number,
  offset: number,
): NodeValue {
  if (scale === 1 && offset === 0) return value;
  const node = builder.nodes.get(value.node)!;
  const inner = offset === 0 ? recogniseSixth(builder, value.node, scale) : null;
  if (inner !== null) {
    const fn = { name: 'hardSigmoid' as const, slope: 1 / 6 };
    const made = builder.emit({ kind: 'activation', fn }, [inner], node.shape);
    return { ...value, node: made };
  }
  const before = scalarLine(node.op);
  // Six sixths: a factor that was taken out of an activation meets its inverse.
  const isUndone = before !== null && before.offset === 0 && offset === 0;
  if (isUndone && Math.abs(before.scale * scale - 1) < 1e-6) {
    return { ...value, node: node.inputs[0]! };
  }
  const op = { kind: 'affine' as const, scale: [scale], offset: [offset] };
  return { ...value, node: builder.emit(op, [value.node], node.shape) };
}

/**
 * A value times a constant, or plus one.
 *
 * @param fn what is made of each of the constant's numbers first, e.g. its reciprocal; named for the weight.
 * @returns null where the constant is larger than the value, or does not fit.
 */
export function joinConstant(
  builder: GraphBuilder,
  given: NodeValue,
  constant: Constant,
  role: 'scale' | 'bias',
  { title, of }: NumberFunction = asIs,
): NodeValue | null {
  const only = onlyNumber(constant);
  const value = padRank(given, constant.shape.length);
  if (only !== null) {
    const number = of(only);
    return role === 'scale'
      ? scalarAffine(builder, value, number, 0)
      : scalarAffine(builder, value, 1, number);
  }
  const joined = broadcastShapes(value.shape, constant.shape);
  if (joined?.join() !== value.shape.join()) return null;
  const rank = value.shape.length;
  const axes = constant.shape
    .map((size, i) => ({ size, axis: i + rank - constant.shape.length }))
    .filter(({ size }) => size !== 1)
    .map(({ axis }) => axis);
  const name = title === '' ? constant.name : `${title} of ${constant.name}`;
  const [axis] = axes;
  if (axes.length === 1 && axis !== undefined) {
    const order = value.order.at(-1) === axis ? value.order : orderWithLast(value, axis);
    const node = arrange(builder, value, order);
    const read = (): Float32Array => mapValues(constant, of);
    return { ...value, order, node: lineOver(builder, node, name, read, role) };
  }
  // Over several axes: as if all elements were channels of one cell.
  const order = plainOrder(value).filter((one) => value.shape[one] !== 1);
  const node = arrange(builder, value, order);
  const { shape } = builder.nodes.get(node)!;
  const flat = builder.emit({ kind: 'reshape' }, [node], [countElements(shape)]);
  const read = (): Float32Array => {
    const values = constant.values();
    const to = new Float32Array(countElements(value.shape));
    walk(value.shape, [broadcastStrides(constant.shape, value.shape)], ([place], index) => {
      to[index] = of(values[place!]!);
    });
    return to;
  };
  const line = lineOver(builder, flat, `${name} over ${value.shape.join('x')}`, read, role);
  return { ...value, order, node: builder.emit({ kind: 'reshape' }, [line], shape) };
}

/** What becomes of a constant's numbers, and how the weight is called then. */
export interface NumberFunction {
  readonly title: string;
  readonly of: (value: number) => number;
}

const asIs: NumberFunction = { title: '', of: (value) => value };

function mapValues(constant: Constant, of: (value: number) => number): Float32Array {
  return Float32Array.from(constant.values(), of);
}

/** Scale or offset over a node's last axis. */
function lineOver(
  builder: GraphBuilder,
  node: string,
  name: string,
  read: () => Float32Array,
  role: 'scale' | 'bias',
): string {
  const { shape } = builder.nodes.get(node)!;
  const channels = shape.at(-1) ?? 1;
  if (channels <= MOST_IN_OP) {
    const numbers = Array.from(read());
    const scale = role === 'scale' ? numbers : numbers.map(() => 1);
    const offset = role === 'bias' ? numbers : numbers.map(() => 0);
    return builder.emit({ kind: 'affine', scale, offset }, [node], shape);
  }
  const weight = builder.weight(name, [channels], read);
  return builder.emit({ kind: 'channelScale' }, [node], shape, { weights: { [role]: weight } });
}

/** A vector of the file as a weight of the network. */
export function vectorWeight(builder: GraphBuilder, constant: Constant): string {
  const count = countElements(constant.shape);
  return builder.weight(constant.name, [count], () => asFloat32(constant.values()));
}
