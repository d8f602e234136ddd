import { UnsupportedError } from '../../errors.ts';
import type { FlatNode, FlatValue } from './flat-graph.ts';
import type { NodeDef } from './node-def.ts';

/** What a node of a graph stands for while the graph is flattened. */
export type Value = ComputedValue | VariableValue | FailedValue | DeadValue;

/** An output of a node of the flat graph. */
export interface ComputedValue extends FlatValue {
  readonly kind: 'computed';
}

/** A variable: the handle of a resource, or a variable of TensorFlow 1, which is its value too. */
export interface VariableValue {
  readonly kind: 'variable';
  readonly variable: GraphVariable;
  readonly isResource: boolean;
}

/** A variable of a graph. */
export interface GraphVariable {
  /** The name of its node. */
  readonly node: string;
  /** The name that the program gave it. */
  readonly name: string;
}

/** A value that cannot be converted, which is an error only where an output needs it. */
export interface FailedValue {
  readonly kind: 'failed';
  readonly error: UnsupportedError;
}

/** The value of a branch that is not taken. */
export interface DeadValue {
  readonly kind: 'dead';
}

export const DEAD: DeadValue = { kind: 'dead' };

/** A value that a node cannot have, with the reason. */
export function failed(node: Pick<NodeDef, 'name' | 'op'>, reason: string): FailedValue {
  return { kind: 'failed', error: refuse(node, reason) };
}

/** The error that names a node and its op. */
export function refuse(
  { name, op }: Pick<NodeDef, 'name' | 'op'>,
  reason: string,
): UnsupportedError {
  return new UnsupportedError(op, `node ${name} (${op}): ${reason}`);
}

/** The first output of a flat node. */
export function computed(node: FlatNode, output = 0): ComputedValue {
  return { kind: 'computed', node, output };
}
