import type { OpOf } from '../../network/op.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { broadcastShapes } from './fold/shapes.ts';
import { alignValues, padRank } from './layout.ts';
import { recogniseTanhGelu } from './recognise-gelu.ts';
import { recogniseNormal, type WrittenNormal } from './recognise-normal.ts';
import { recogniseProduct } from './recognise.ts';
import { scalarAffine } from './scalar-affine.ts';
import type { NodeValue } from './value.ts';

/** Ops that join values element by element. */
export type Joining =
  'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum' | 'select' | OpOf<'compare'>;

/** Whether values of these shapes can be joined: along each axis their sizes are equal, or 1. */
export function canJoin(given: readonly NodeValue[]): boolean {
  let shape: number[] | null = [];
  for (const value of given) shape = shape === null ? null : broadcastShapes(shape, value.shape);
  return shape !== null;
}

/**
 * Joins two or more values element by element; axes of size 1 are broadcast. A product that is an activation
 * written out becomes that activation. Maximum and minimum of several values become several nodes, because
 * the network's ops take two values.
 */
export function joinValues(
  builder: GraphBuilder,
  kind: Joining,
  given: readonly NodeValue[],
): NodeValue {
  const [first, second, ...others] = given;
  const isOfTwo = kind === 'maximum' || kind === 'minimum';
  if (isOfTwo && first !== undefined && second !== undefined && others.length > 0) {
    const joined = joinValues(builder, kind, [first, second]);
    return joinValues(builder, kind, [joined, ...others]);
  }
  const rank = Math.max(...given.map(({ shape }) => shape.length));
  const values = given.map((value) => padRank(value, rank));
  const shape = values.reduce<number[]>(
    (joined, value) => broadcastShapes(joined, value.shape) ?? joined,
    [],
  );
  const { nodes, ...layout } = alignValues(builder, values);
  const stored = layout.order.map((axis) => shape[axis]!);
  const written =
    kind === 'multiply' && nodes.length === 2
      ? (recogniseProduct(builder, nodes[0]!, nodes[1]!) ??
        recogniseTanhGelu(builder, nodes[0]!, nodes[1]!) ??
        recogniseTanhGelu(builder, nodes[1]!, nodes[0]!))
      : null;
  if (written !== null) {
    const { fn, input, factor } = written;
    const node = builder.emit({ kind: 'activation', fn }, [input], stored);
    return scalarAffine(builder, { kind: 'node', node, shape, ...layout }, factor, 0);
  }
  const normal = nodes.length === 2 ? findNormal(builder, kind, nodes[0]!, nodes[1]!) : null;
  if (normal !== null) {
    const { input, epsilon } = normal;
    const node = builder.emit({ kind: 'layerNorm', epsilon }, [input], stored);
    return { kind: 'node', node, shape, ...layout };
  }
  const op = typeof kind === 'string' ? { kind } : kind;
  const node = builder.emit(op, nodes, stored);
  return { kind: 'node', node, shape, ...layout };
}

/** A division by the root of a variance, or a product with its reciprocal, which is a layer normalisation. */
function findNormal(
  builder: GraphBuilder,
  kind: Joining,
  a: string,
  b: string,
): WrittenNormal | null {
  if (kind === 'divide') return recogniseNormal(builder, a, b, 0.5);
  if (kind !== 'multiply') return null;
  return recogniseNormal(builder, a, b, -0.5) ?? recogniseNormal(builder, b, a, -0.5);
}
