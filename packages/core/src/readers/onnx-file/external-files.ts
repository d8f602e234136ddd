import { createItemCounter } from './onnx-limits.ts';
import type {
  OnnxFileGraph,
  OnnxFileModel,
  OnnxFileNode,
  OnnxFileTensor,
} from './proto/onnx-schema.ts';
import { parseGraph } from './proto/parse-model.ts';

/** Most levels of graphs within graphs. PyTorch's exporter writes one or two. */
const MAX_BRANCH_DEPTH = 8;

/**
 * Lists the files beside a model that hold its weights: the location that the model states, to the name of
 * the file. Branches are searched too, because a runtime that runs the model opens their files as well.
 *
 * @throws GradcamError `model` for a location that names no file or no valid range.
 */
export function listExternalFiles(
  model: OnnxFileModel,
  where: string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const items = createItemCounter(where);
  const addTensor = ({ place }: OnnxFileTensor): void => {
    if (place.kind === 'external') found.set(place.location, place.file);
  };
  const addNodes = (nodes: readonly OnnxFileNode[], depth: number): void => {
    for (const { attributes } of nodes) {
      for (const { tensor, graph } of attributes.values()) {
        if (tensor !== undefined) addTensor(tensor);
        if (graph !== undefined && depth < MAX_BRANCH_DEPTH) {
          addGraph(parseGraph(graph, where, items), depth + 1);
        }
      }
    }
  };
  const addGraph = ({ nodes, initializers }: OnnxFileGraph, depth: number): void => {
    initializers.forEach(addTensor);
    addNodes(nodes, depth);
  };
  addGraph(model.graph, 0);
  for (const { nodes } of model.functions) addNodes(nodes, 0);
  return found;
}
