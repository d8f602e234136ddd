import { GradcamError } from '../../base/errors.ts';
import { MAX_FUNCTION_DEPTH, MAX_NODES } from './onnx-limits.ts';
import type {
  OnnxFileAttribute,
  OnnxFileModel,
  OnnxFileNode,
  OnnxFunction,
} from './proto/onnx-schema.ts';

/**
 * Lists the nodes of a graph, where each call of one of the model's own functions is replaced by the
 * function's nodes.
 *
 * @throws GradcamError `model` for functions that call themselves, and for more nodes than the limit.
 */
export function inlineFunctions(
  { functions, graph }: OnnxFileModel,
  where: string,
): readonly OnnxFileNode[] {
  if (functions.length === 0 && graph.nodes.length <= MAX_NODES) return graph.nodes;
  const byName = new Map(functions.map((one) => [keyOf(one.domain, one.name), one]));
  const nodes: OnnxFileNode[] = [];
  let calls = 0;
  const add = (given: readonly OnnxFileNode[], depth: number): void => {
    for (const node of given) {
      const called = byName.get(keyOf(node.domain, node.type));
      if (called === undefined) nodes.push(node);
      else if (depth < MAX_FUNCTION_DEPTH) add(expand(called, node, `${(calls += 1)}`), depth + 1);
      else {
        throw new GradcamError(
          'model',
          `${where}: functions call functions over ${MAX_FUNCTION_DEPTH} deep, '${called.name}' among them`,
        );
      }
      if (nodes.length + calls <= MAX_NODES) continue;
      throw new GradcamError(
        'model',
        `${where}: over ${MAX_NODES} nodes, which is the limit; simplify the model (onnxsim) before it is opened`,
      );
    }
  };
  add(graph.nodes, 0);
  return nodes;
}

function keyOf(domain: string, name: string): string {
  return `${domain}\n${name}`;
}

/** The nodes of a function for one call. Values within the function get names that no other call has. */
function expand(called: OnnxFunction, node: OnnxFileNode, call: string): OnnxFileNode[] {
  const names = new Map<string, string>([['', '']]);
  called.inputs.forEach((name, i) => names.set(name, node.inputs[i] ?? ''));
  called.outputs.forEach((name, i) => names.set(name, node.outputs[i] || `${name}@${call}`));
  const rename = (name: string): string => {
    const known = names.get(name) ?? `${name}@${call}`;
    names.set(name, known);
    return known;
  };
  return called.nodes.map((inner) => ({
    ...inner,
    name: `${node.name || called.name}/${inner.name || inner.type}`,
    inputs: inner.inputs.map(rename),
    outputs: inner.outputs.map(rename),
    attributes: bindAttributes(inner.attributes, node.attributes, called.defaults),
    metadata: inner.metadata.size > 0 ? inner.metadata : node.metadata,
  }));
}

/** Fills in attributes that refer to those of the call. One that the call leaves out is left out. */
function bindAttributes(
  own: ReadonlyMap<string, OnnxFileAttribute>,
  given: ReadonlyMap<string, OnnxFileAttribute>,
  defaults: ReadonlyMap<string, OnnxFileAttribute>,
): ReadonlyMap<string, OnnxFileAttribute> {
  const bound = new Map<string, OnnxFileAttribute>();
  for (const [name, attribute] of own) {
    const { refersTo } = attribute;
    const value =
      refersTo === undefined ? attribute : (given.get(refersTo) ?? defaults.get(refersTo));
    if (value !== undefined) bound.set(name, { ...value, name });
  }
  return bound;
}
