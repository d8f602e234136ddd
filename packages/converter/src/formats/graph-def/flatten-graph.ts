import { MAX_CALL_DEPTH } from '../../bytes/limits.ts';
import { isConverterError, type UnsupportedError } from '../../errors.ts';
import type { FlatWeight } from './flat-graph.ts';
import { CALL_STEPS, countSteps, emitInput, type Flattening, type Scope } from './flattening.ts';
import type { GraphDef } from './graph-def.ts';
import type { NodeDef } from './node-def.ts';
import { flattenNode } from './node-rules.ts';
import { placeOfOutput } from './op-definition.ts';
import { computed, failed, type GraphVariable, type Value } from './value.ts';

/** Where a graph begins and ends. */
export interface FlattenRequest {
  /** The nodes that get the inputs. */
  readonly inputs: readonly string[];
  /** Values such as `node` or `node:1`. */
  readonly outputs: readonly string[];
  /** The values of a variable; null if the checkpoint has none. */
  openVariable(variable: GraphVariable): FlatWeight | null;
}

/** A flattened graph, and the values that were asked for. */
export interface Flattened {
  readonly state: Flattening;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/**
 * Flattens a graph: the functions that its nodes call are put in their places, variables become constants,
 * nodes that change nothing are taken out, and branches by a constant flag are decided. Only what the outputs
 * need is looked at; a node that cannot be converted is an error only where an output needs it.
 *
 * @throws FormatError for a graph that contradicts itself, LimitError
 */
export async function flattenGraph(graph: GraphDef, request: FlattenRequest): Promise<Flattened> {
  const state: Flattening = {
    graph,
    nodes: [],
    names: new Set(),
    variables: new Map(),
    constants: new Map(),
    openVariable: request.openVariable,
    steps: 0,
    half: null,
  };
  const known = new Map<string, Value>();
  const scope: Scope = {
    path: '',
    nodes: graph.nodes,
    known,
    isFunction: false,
    functions: [],
  };
  for (const name of request.inputs) {
    if (known.has(name)) continue;
    known.set(name, computed(emitInput(state, scope, graph.nodes.get(name)!)));
  }
  const outputs = await flattenScope(state, scope, request.outputs);
  return { state, inputs: request.inputs.map((name) => known.get(name)!), outputs };
}

/** The values that are asked for in a scope. */
async function flattenScope(
  state: Flattening,
  scope: Scope,
  asked: readonly string[],
): Promise<readonly Value[]> {
  const values = new Map<string, readonly Value[]>();
  const look = (text: string, by: Pick<NodeDef, 'name' | 'op'>): Value => {
    const place = readPlace(scope, text);
    const known = scope.known.get(place.node);
    if (known !== undefined) return known;
    const found = values.get(place.node);
    if (found === undefined) {
      return failed(by, `its input '${place.node}' is missing, or part of a loop`);
    }
    const value = found[place.output];
    if (value !== undefined) return value;
    const [first] = found;
    if (first?.kind === 'failed' || first?.kind === 'dead') return first;
    return failed(scope.nodes.get(place.node)!, `it has no output ${place.output}`);
  };
  for (const node of sortScope(scope, asked)) {
    countSteps(state);
    const inputs = node.inputs.map((input) => look(input, node));
    values.set(node.name, await attemptNode(state, scope, node, inputs));
  }
  return asked.map((text) => look(text, { name: text, op: 'output' }));
}

async function attemptNode(
  state: Flattening,
  scope: Scope,
  node: NodeDef,
  inputs: readonly Value[],
): Promise<readonly Value[]> {
  try {
    const callFunction = (name: string, given: readonly Value[]): Promise<readonly Value[]> =>
      flattenCall(state, scope, node, name, given);
    return await flattenNode({ state, scope, node, inputs, callFunction });
  } catch (error) {
    if (!isConverterError(error) || error.tag !== 'UnsupportedError') throw error;
    return [{ kind: 'failed', error: error as UnsupportedError }];
  }
}

async function flattenCall(
  state: Flattening,
  scope: Scope,
  node: NodeDef,
  name: string,
  given: readonly Value[],
): Promise<readonly Value[]> {
  if (scope.functions.includes(name)) return [failed(node, `function ${name} calls itself`)];
  if (scope.functions.length >= MAX_CALL_DEPTH) {
    return [
      failed(node, `functions that call each other are nested deeper than ${MAX_CALL_DEPTH}`),
    ];
  }
  countSteps(state, CALL_STEPS);
  const called = await state.graph.readFunction(name);
  if (given.length < called.inputs.length) {
    const expected = called.inputs.length;
    return [failed(node, `function ${name} takes ${expected} values, it gets ${given.length}`)];
  }
  const inner: Scope = {
    path: `${scope.path}${node.name}/`,
    nodes: called.nodes,
    known: new Map(called.inputs.map((input, i) => [input, given[i]!])),
    isFunction: true,
    functions: [...scope.functions, name],
  };
  return flattenScope(state, inner, called.outputs);
}

/** A value by the node that computes it, and the place among the node's outputs. */
function readPlace(scope: Scope, text: string): { node: string; output: number } {
  const [node = '', ...rest] = text.split(':');
  if (!scope.isFunction) return { node, output: Number(rest[0] ?? 0) || 0 };
  const [output = '', index = '0'] = rest;
  const op = scope.nodes.get(node)?.op ?? '';
  return { node, output: placeOfOutput(op, output, Number(index) || 0) };
}

/** The nodes that values need, each after its inputs. Those of a loop keep an order of their own. */
function sortScope(scope: Scope, asked: readonly string[]): NodeDef[] {
  const { nodes, known } = scope;
  const nameOf = (text: string): string => text.replace(/:.*$/s, '');
  const done = new Set<string>();
  const open = new Set<string>();
  const sorted: NodeDef[] = [];
  for (const start of asked) {
    const stack = [nameOf(start)];
    while (stack.length > 0) {
      const name = stack.at(-1)!;
      const node = nodes.get(name);
      if (node === undefined || known.has(name) || done.has(name)) {
        stack.pop();
      } else if (open.has(name)) {
        stack.pop();
        done.add(name);
        sorted.push(node);
      } else {
        open.add(name);
        // The last one on the stack comes first.
        for (const input of [...node.inputs].reverse()) {
          const before = nameOf(input);
          if (!open.has(before)) stack.push(before);
        }
      }
    }
  }
  return sorted;
}
