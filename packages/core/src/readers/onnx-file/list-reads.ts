import { createItemCounter } from './onnx-limits.ts';
import type { OnnxFileNode } from './proto/onnx-schema.ts';
import { parseGraph } from './proto/parse-model.ts';

/** Most levels of graphs within graphs that are searched for the values that they read. */
const MAX_DEPTH = 8;

/** The values that a node reads, those within its branches included. */
export function listReads({ inputs, attributes, name }: OnnxFileNode, depth = 0): string[] {
  const within = [...attributes.values()].flatMap(({ graph }) => {
    if (graph === undefined || depth === MAX_DEPTH) return [];
    const { nodes, outputs } = parseGraph(graph, name, createItemCounter(name));
    return [
      ...nodes.flatMap((node) => listReads(node, depth + 1)),
      ...outputs.map((one) => one.name),
    ];
  });
  return [...inputs, ...within];
}
