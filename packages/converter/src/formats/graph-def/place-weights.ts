import { FormatError } from '../../errors.ts';
import { countElements, type StoredTensor } from '../../tensors/stored-tensor.ts';
import { WEB_MANIFEST } from '../model-format.ts';
import type { GraphDef } from './graph-def.ts';
import type { NodeDef } from './node-def.ts';
import { hasValues, readTensorShape } from './tensor-proto.ts';

/**
 * Puts the values that another file holds into the constants of a graph. tensorflowjs_converter 0.x took all
 * of them out, each with its shape. A constant without values would be read as zeros.
 *
 * @param weights by the names of the nodes.
 * @throws FormatError for a constant that the other file leaves out, or states with another shape.
 */
export async function placeWeights(
  graph: GraphDef,
  weights: ReadonlyMap<string, StoredTensor>,
): Promise<GraphDef> {
  const nodes = new Map(graph.nodes);
  for (const [name, node] of graph.nodes) {
    if (node.op !== 'Const' || node.tensor === null) continue;
    const stored = weights.get(name);
    await checkConstant(node, node.tensor, stored);
    if (stored !== undefined) nodes.set(name, { ...node, stored });
  }
  return { ...graph, nodes };
}

async function checkConstant(
  { name }: NodeDef,
  tensor: NonNullable<NodeDef['tensor']>,
  stored: StoredTensor | undefined,
): Promise<void> {
  const shape = await readTensorShape(name, tensor);
  if (stored === undefined) {
    if (countElements(shape) === 0 || (await hasValues(tensor))) return;
    throw new FormatError(
      'tf-graph',
      `${name}: expected its values in ${WEB_MANIFEST}, found no weight of this name there; convert the model again`,
    );
  }
  if (shape.join() === stored.shape.join()) return;
  throw new FormatError(
    'tf-graph',
    `${name}: expected the shape [${shape.join(', ')}] of the graph, found [${stored.shape.join(', ')}] in ${WEB_MANIFEST}; take both files from one conversion`,
  );
}
