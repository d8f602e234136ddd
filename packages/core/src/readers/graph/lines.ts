import { countElements } from '../../base/nd-array.ts';
import { asFloat32, onlyNumber, type Constant } from './constant.ts';
import { constantValue } from './constant-value.ts';
import { mapConstant } from './fold/elementwise.ts';
import { broadcastShapes } from './fold/shapes.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { joinValues } from './join-values.ts';
import { arrange, orderWithLast, padRank } from './layout.ts';
import { scalarAffine } from './scalar-affine.ts';
import type { NodeValue } from './value.ts';

/**
 * Up to so many numbers are written into the op itself instead of a weight. A normalisation of a picture's
 * channels is that small, and the readers of scalings look for it in the ops.
 */
const MOST_IN_OP = 4;

/**
 * Multiplies a value by a constant, or adds the constant to it.
 *
 * @param of a function that is applied to each of the constant's numbers first, for example the reciprocal.
 * @returns null where the shapes do not fit.
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
  if (broadcastShapes(value.shape, constant.shape) === null) return null;
  const rank = value.shape.length;
  const axes = constant.shape
    .map((size, i) => ({ size, axis: i + rank - constant.shape.length }))
    .filter(({ size }) => size !== 1)
    .map(({ axis }) => axis);
  const name = title === '' ? constant.name : `${title} of ${constant.name}`;
  const [axis] = axes;
  const isLast = value.order.at(-1) === axis;
  // An image's channels go last, where the next op expects them.
  const isOfImage = rank === 4 && axis === 1;
  if (axes.length === 1 && axis !== undefined && value.shape[axis] !== 1 && (isLast || isOfImage)) {
    const order = isLast ? value.order : orderWithLast(value, axis);
    const node = arrange(builder, value, order);
    const read = (): Float32Array => mapValues(constant, of);
    return { ...value, order, node: lineOver(builder, node, name, read, role) };
  }
  const made = mapConstant(constant, name, 'float', of);
  return joinValues(builder, role === 'scale' ? 'multiply' : 'add', [
    value,
    constantValue(builder, made, value),
  ]);
}

/** A function of a constant's numbers, and its part in the weight's name. */
export interface NumberFunction {
  readonly title: string;
  readonly of: (value: number) => number;
}

const asIs: NumberFunction = { title: '', of: (value) => value };

function mapValues(constant: Constant, of: (value: number) => number): Float32Array {
  return Float32Array.from(constant.values(), of);
}

/** Writes a scale or an offset along a node's last axis. */
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

/** Makes a vector of the file a weight of the network, and returns its name. */
export function vectorWeight(builder: GraphBuilder, constant: Constant): string {
  const count = countElements(constant.shape);
  return builder.weight(constant.name, [count], () => asFloat32(constant.values()));
}
