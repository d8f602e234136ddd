import type { GraphNode } from '../network.ts';
import type { Op, OpKind, OpOf, ReluPolicy } from '../op.ts';

/** What a rule uses to write its part of the derivative. */
export interface RuleContext<K extends OpKind = OpKind> {
  /** The forward node that is differentiated. */
  readonly node: GraphNode;
  readonly op: OpOf<K>;
  /** Name of the gradient with respect to the node's output. */
  readonly upstream: string;
  readonly relu: ReluPolicy;
  /** Shape of the node's input at `index`. */
  inputShape(index: number): readonly number[];
  /** Adds a node to the derivative and returns its name. */
  emit(
    op: Op,
    inputs: readonly string[],
    shape: readonly number[],
    weights?: Readonly<Record<string, string>>,
  ): string;
}

/** Returns the name of the gradient with respect to the input at `index`. */
export type Rule<K extends OpKind = OpKind> = (context: RuleContext<K>, index: number) => string;

/** The weights of a node in the given roles, which are those that its adjoint reads. */
export function pickWeights(node: GraphNode, ...roles: string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const role of roles) {
    const name = node.weights[role];
    if (name !== undefined) picked[role] = name;
  }
  return picked;
}
