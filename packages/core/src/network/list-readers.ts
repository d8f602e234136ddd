import type { GraphNode } from './network.ts';

/** For each value the nodes that read it, in their order; one that reads it twice is there twice. */
export function listReaders(
  nodes: readonly GraphNode[],
): ReadonlyMap<string, readonly GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const list = readers.get(input);
      if (list === undefined) readers.set(input, [node]);
      else list.push(node);
    }
  }
  return readers;
}
