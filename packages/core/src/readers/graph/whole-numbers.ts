import { constantValue } from './constant-value.ts';
import { integerConstant } from './constant.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { joinValues } from './join-values.ts';
import type { NodeValue } from './value.ts';

/**
 * Whole numbers that are made of others. Their derivative is zero almost everywhere, so that no gradient
 * would reach the pixels. The gradient passes unchanged instead (straight through), as for quantised models.
 */

/** The integers of 32 bits, in which tfjs keeps every integer. Float32 rounds the bounds to powers of two. */
const BOUND = 2 ** 31;

/** The id of a node with the nearest whole numbers of another node; halfway between two, the even one. */
export function roundNode(builder: GraphBuilder, node: string): string {
  const fn = { name: 'quantise', step: 1, least: -BOUND, most: BOUND } as const;
  return builder.emit({ kind: 'activation', fn }, [node], builder.nodes.get(node)!.shape);
}

/** Ops that move whole numbers or take a part of them. */
const movers: ReadonlySet<string> = new Set(['reshape', 'permute', 'slice', 'stride', 'gather']);

/** Whether a node holds whole numbers of an input, perhaps in another shape or in part. */
export function isWhole(builder: GraphBuilder, node: string): boolean {
  let { op, inputs } = builder.nodes.get(node)!;
  while (movers.has(op.kind)) ({ op, inputs } = builder.nodes.get(inputs[0]!)!);
  return op.kind === 'activation' && op.fn.name === 'quantise' && op.fn.step === 1;
}

/** Cuts off the digits behind the point, as a cast to an integer does. */
export function truncateValue(builder: GraphBuilder, value: NodeValue): NodeValue {
  const near: NodeValue = { ...value, node: roundNode(builder, value.node) };
  const zero = constantValue(builder, integerConstant('zero', [0], []), value);
  // Rounding away from zero is undone: one less where a positive number grew, one more where a negative
  // one fell.
  const where = (relation: 'greater' | 'less'): NodeValue =>
    joinValues(builder, 'multiply', [
      joinValues(builder, { kind: 'compare', relation }, [near, value]),
      joinValues(builder, { kind: 'compare', relation }, [value, zero]),
    ]);
  const lowered = joinValues(builder, 'subtract', [near, where('greater')]);
  return joinValues(builder, 'add', [lowered, where('less')]);
}
