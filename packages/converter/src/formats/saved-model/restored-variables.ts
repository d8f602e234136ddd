import { readAttribute } from '../graph-def/attribute.ts';
import type { GraphDef } from '../graph-def/graph-def.ts';
import type { NodeDef } from '../graph-def/node-def.ts';
import { placeOfOutput } from '../graph-def/op-definition.ts';
import { readTexts } from '../graph-def/tensor-proto.ts';

/** Where the values of a variable stand in the checkpoint. */
export interface RestoredVariable {
  /** The name of the tensor in the checkpoint. */
  readonly key: string;
  /** The part of that tensor, for a variable that is cut into parts; '' for a whole one. */
  readonly part: string;
}

/** Most nodes that hand a value on, between the checkpoint and a variable. TensorFlow writes one. */
const MAX_STEPS = 8;

/**
 * Finds the variables' values in the nodes that restore them, as TensorFlow itself does: `RestoreV2` reads
 * tensors by their names, and each is assigned to a variable. TensorFlow 2 writes these nodes as a function,
 * whose arguments are the variables, and TensorFlow 1 into the graph.
 *
 * @param restore the name of the operation that the graph's saver states.
 * @returns by the names of the variables' nodes.
 */
export async function listRestored(
  graph: GraphDef,
  restore: string,
): Promise<Map<string, RestoredVariable>> {
  const restored = await readAssignments(graph.nodes, (name) => name);
  const node = graph.nodes.get(restore);
  const call = node?.attributes.get('f');
  if (node === undefined || call === undefined) return restored;
  const { name } = (readAttribute(call)['func'] ?? { name: '' }) as { name: string };
  if (!graph.hasFunction(name)) return restored;
  const { inputs, nodes } = await graph.readFunction(name);
  const given = new Map(inputs.map((input, i) => [input, withoutPlace(node.inputs[i] ?? '')]));
  const inside = await readAssignments(nodes, (input) => given.get(input));
  return new Map([...restored, ...inside]);
}

async function readAssignments(
  nodes: ReadonlyMap<string, NodeDef>,
  nameVariable: (input: string) => string | undefined,
): Promise<Map<string, RestoredVariable>> {
  const restored = new Map<string, RestoredVariable>();
  const texts = new Map<string, Promise<string[]>>();
  const readNames = (input: string): Promise<string[]> => {
    const name = withoutPlace(input);
    const tensor = nodes.get(name)?.tensor ?? null;
    const found = texts.get(name) ?? (tensor === null ? Promise.resolve([]) : readTexts(tensor));
    texts.set(name, found);
    return found;
  };
  for (const { op, inputs } of nodes.values()) {
    if (op !== 'Assign' && op !== 'AssignVariableOp') continue;
    const [handle = '', value = ''] = inputs;
    const variable = nameVariable(withoutPlace(handle));
    const source = findRestore(nodes, value);
    if (variable === undefined || source === null) continue;
    const [, names = '', parts = ''] = source.node.inputs;
    const key = (await readNames(names))[source.place];
    if (key === undefined) continue;
    restored.set(variable, { key, part: (await readNames(parts))[source.place] ?? '' });
  }
  return restored;
}

/** The node that reads a value from the checkpoint, and the place of the value among those that it reads. */
function findRestore(
  nodes: ReadonlyMap<string, NodeDef>,
  value: string,
): { node: NodeDef; place: number } | null {
  let at = value;
  for (let step = 0; step < MAX_STEPS; step++) {
    const node = nodes.get(withoutPlace(at));
    if (node === undefined) return null;
    if (node.op === 'RestoreV2') {
      const [, ...rest] = at.split(':');
      const index = Number(rest.at(-1) ?? 0) || 0;
      return { node, place: placeOfOutput(node.op, 'tensors', index) };
    }
    if (node.op !== 'Identity') return null;
    at = node.inputs[0] ?? '';
  }
  return null;
}

function withoutPlace(input: string): string {
  return input.replace(/:.*$/s, '');
}
