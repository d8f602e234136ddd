import type { GraphBuilder } from './graph-builder.ts';
import { broadcastShapes } from './fold/shapes.ts';
import { alignValues, padRank } from './layout.ts';
import { recogniseProduct } from './recognise.ts';
import { scalarAffine } from './scalar-affine.ts';
import type { NodeValue } from './value.ts';

/** Ops that join values place by place. */
export type Joining = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';

/** Whether values of these shapes can be joined: sizes are the same, or 1. */
export function canJoin(given: readonly NodeValue[]): boolean {
  let shape: number[] | null = [];
  for (const value of given) shape = shape === null ? null : broadcastShapes(shape, value.shape);
  return shape !== null;
}

/**
 * Two or more values, place by place, axes of size 1 repeated as the others need. A product that is an
 * activation written out becomes that. The network's maximum and minimum take two values.
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
      ? recogniseProduct(builder, nodes[0]!, nodes[1]!)
      : null;
  if (written !== null) {
    const { fn, input, factor } = written;
    const node = builder.emit({ kind: 'activation', fn }, [input], stored);
    return scalarAffine(builder, { kind: 'node', node, shape, ...layout }, factor, 0);
  }
  const node = builder.emit({ kind }, nodes, stored);
  return { kind: 'node', node, shape, ...layout };
}
