import { LimitError } from '../../errors.ts';
import { MAX_FLAT_NODES, MAX_NAME_BYTES } from '../../bytes/limits.ts';
import { readAttribute, type Attribute } from './attribute.ts';
import type { FlatNode, FlatValue, FlatWeight } from './flat-graph.ts';
import type { GraphDef } from './graph-def.ts';
import type { NodeDef } from './node-def.ts';
import { findOpDefinition } from './op-definition.ts';
import { computed, failed, refuse, type GraphVariable, type Value } from './value.ts';

/** Everything that is collected while one graph is flattened. */
export interface Flattening {
  readonly graph: GraphDef;
  /** The nodes so far; each comes after its inputs. */
  readonly nodes: FlatNode[];
  readonly names: Set<string>;
  /** The nodes that hold the values of variables, by the names of the variables' nodes. */
  readonly variables: Map<string, FlatNode>;
  /** The nodes of constants; a function that is called twice has each of its constants once. */
  readonly constants: Map<NodeDef, FlatNode>;
  /** The values of a variable; null if the checkpoint has none. */
  openVariable(variable: GraphVariable): FlatWeight | null;
  /** The number of nodes that were looked at, in all calls of functions. */
  steps: number;
  /** The first node that computes in half precision. */
  half: string | null;
}

/** The nodes around a node: the graph's, or those of a function at one of its calls. */
export interface Scope {
  /** The names of the calls around it, each with a `/` at its end; '' for the graph itself. */
  readonly path: string;
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** The values of a function's arguments, or of the graph's inputs. */
  readonly known: ReadonlyMap<string, Value>;
  /** Whether names of values are those of a function: `node:output:0`. */
  readonly isFunction: boolean;
  /** The functions around it, the outermost first. */
  readonly functions: readonly string[];
}

/** A node at the moment when its inputs have values. */
export interface NodeCall {
  readonly state: Flattening;
  readonly scope: Scope;
  readonly node: NodeDef;
  readonly inputs: readonly Value[];
  /** The values that a function returns for these arguments. */
  callFunction(name: string, values: readonly Value[]): Promise<readonly Value[]>;
}

/** Flattens one node: the values of its outputs. */
export type NodeRule = (call: NodeCall) => readonly Value[] | Promise<readonly Value[]>;

/** The steps that a call of a function counts as. */
export const CALL_STEPS = 10;

/** Counts steps, so that functions that call functions twice do not take endless time. */
export function countSteps(state: Flattening, steps = 1): void {
  state.steps += steps;
  if (state.steps > MAX_FLAT_NODES) {
    throw new LimitError('nodes of the graph without functions', MAX_FLAT_NODES, state.steps);
  }
}

/** The attributes that a node states, by their names. */
export function attributesOf({ node }: Pick<NodeCall, 'node'>): Record<string, Attribute> {
  const defaults = findOpDefinition(node.op)?.defaults ?? {};
  const found: Record<string, Attribute> = { ...defaults };
  for (const [name, message] of node.attributes) {
    const value = readAttribute(message);
    if ('placeholder' in value) {
      throw refuse(node, `its attribute ${name} depends on the caller of its function`);
    }
    found[name] = value;
  }
  return found;
}

/** What a node of the flat graph has of its own, where it is not that of the graph's node. */
export interface EmitOptions {
  readonly op?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly weight?: FlatWeight;
}

/** Adds a node to the flat graph under the name of a node of the graph. */
export function emitNode(
  { state, scope, node }: Pick<NodeCall, 'state' | 'scope' | 'node'>,
  inputs: readonly FlatValue[],
  { op = node.op, attributes = attributesOf({ node }), weight }: EmitOptions = {},
): FlatNode {
  const type = attributes['T']?.['type'];
  if (type === 'DT_HALF' || type === 'DT_BFLOAT16') state.half ??= node.name;
  const name = freeName(state, scope, node.name);
  const made = { name, op, inputs, attributes, weight: weight ?? null };
  state.nodes.push(made);
  return made;
}

/** Adds the node of an input. One with a default is fed like any other. */
export function emitInput(state: Flattening, scope: Scope, node: NodeDef): FlatNode {
  const { dtype, shape } = attributesOf({ node });
  const attributes = { ...(dtype && { dtype }), ...(shape && { shape }) };
  return emitNode({ state, scope, node }, [], { op: 'Placeholder', attributes });
}

/** A node of a function keeps its name, or gets the names of the calls around it where two have it. */
function freeName({ names }: Flattening, scope: Scope, name: string): string {
  let free = name;
  if (names.has(free)) free = scope.path + name;
  for (let i = 1; names.has(free); i++) free = `${scope.path}${name}_${i}`;
  if (free.length > MAX_NAME_BYTES) {
    throw new LimitError('name in a graph, in bytes', MAX_NAME_BYTES, free.length);
  }
  names.add(free);
  return free;
}

/** The node that holds a variable's values; a failed value if there are none. */
export function holdVariable(call: NodeCall, variable: GraphVariable, name: string): Value {
  const { state, scope, node } = call;
  const held = state.variables.get(variable.node);
  if (held !== undefined) return computed(held);
  const weight = state.openVariable(variable);
  if (weight === null) {
    return failed(node, `the checkpoint has no values of its variable ${variable.name}`);
  }
  const made = emitNode({ state, scope, node: { ...node, name } }, [], {
    op: 'Const',
    attributes: {},
    weight,
  });
  state.variables.set(variable.node, made);
  return computed(made);
}

/**
 * The inputs of a node that becomes one of the flat graph.
 *
 * @throws UnsupportedError for the handle of a variable
 */
export function computedInputs(call: NodeCall): FlatValue[] {
  return call.inputs.map((input) => {
    const value =
      input.kind === 'variable' && !input.isResource
        ? holdVariable(call, input.variable, input.variable.node)
        : input;
    if (value.kind === 'computed') return value;
    if (value.kind === 'failed') throw value.error;
    throw refuse(call.node, 'it takes the handle of a variable, which is not supported');
  });
}
