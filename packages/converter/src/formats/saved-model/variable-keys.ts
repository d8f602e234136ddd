import type { RandomAccessSource } from '../../bytes/source.ts';
import { readAttribute } from '../graph-def/attribute.ts';
import type { GraphDef } from '../graph-def/graph-def.ts';
import { findObject, readObjectGraph } from './object-graph.ts';

/**
 * Finds the variables' values through the objects of the program, as `tf.saved_model.load` does: a function
 * that the graph calls gets its variables behind its arguments, and the objects that it captures are these
 * variables, in the same order. The name of a tensor in the checkpoint is the way to its object.
 *
 * @param keys the names of the tensors in the checkpoint.
 * @returns names of tensors by the names of the variables' nodes.
 */
export async function listVariableKeys(
  graph: GraphDef,
  objects: RandomAccessSource,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const objectGraph = await readObjectGraph(objects);
  const keyOf = new Map<number, string>();
  for (const key of keys) {
    const object = findObject(objectGraph, key);
    if (object !== null) keyOf.set(object, key);
  }
  const found = new Map<string, string>();
  for (const { attributes, inputs } of graph.nodes.values()) {
    const call = attributes.get('f');
    if (call === undefined) continue;
    const { name } = (readAttribute(call)['func'] ?? { name: '' }) as { name: string };
    const captured = objectGraph.captures.get(name) ?? [];
    const given = inputs.slice(inputs.length - captured.length);
    if (given.length !== captured.length) continue;
    captured.forEach((object, i) => {
      const key = keyOf.get(object);
      if (key !== undefined) found.set(given[i]!.replace(/:.*$/s, ''), key);
    });
  }
  return found;
}
