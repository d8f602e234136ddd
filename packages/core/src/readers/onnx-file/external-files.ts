import { createItemCounter } from './onnx-limits.ts';
import type {
  OnnxFileGraph,
  OnnxFileModel,
  OnnxFileNode,
  OnnxFileTensor,
} from './proto/onnx-schema.ts';
import { parseGraph } from './proto/parse-model.ts';

/** Graphs within graphs; torch's exporter writes one or two. */
const MAX_BRANCH_DEPTH = 8;

/**
 * The files beside a model that hold weights: what the model says of where each is, to its name there.
 * Branches are looked into as well, since whoever runs the file itself opens theirs too.
 *
 * @throws GradcamError `model` for a place that is none.
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
