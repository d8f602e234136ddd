import type { GraphNode } from '../network.ts';
import { indexNodes, listReaders } from '../walk-graph.ts';
import type { Axes } from './axis.ts';
import { followAxis } from './axis-flow.ts';

/**
 * Whether the scores depend on the cells along one axis of a value. They do not where every later node
 * computes each token by itself and the scores read only the class token. There the gradient of all cells
 * is zero, whatever the weights are.
 *
 * @param scores the name of the node that holds the scores.
 * @returns a function of a node and the axis of its value that counts the cells.
 */
export function findLiveCells(
  nodes: readonly GraphNode[],
  scores: string,
  axes: ReadonlyMap<string, Axes>,
): (node: string, axis: number) => boolean {
  const byName = indexNodes({ nodes });
  const readers = listReaders(nodes);
  const values = {
    shapeOf: (name: string) => byName.get(name)!.shape,
    axesOf: (name: string) => axes.get(name)!,
  };
  /** For each value and each of its axes: whether the scores depend on every element along this axis. */
  const live = new Map<string, readonly boolean[]>();
  for (const { name, shape } of [...nodes].reverse()) {
    const isLive = (axis: number): boolean =>
      name === scores ||
      (readers.get(name) ?? []).some((reader) =>
        reader.inputs.some((input, index) => {
          const behind = live.get(reader.name)!;
          if (input !== name || !behind.includes(true)) return false;
          const flow = followAxis(reader, index, axis, values);
          return typeof flow === 'number' ? behind[flow]! : flow === 'mixed';
        }),
      );
    live.set(
      name,
      shape.map((_, axis) => isLive(axis)),
    );
  }
  return (node, axis) => live.get(node)?.[axis] ?? false;
}

/**
 * Whether a product of two values, such as an attention, later mixes the cells of a value with each other,
 * with only steps in between that compute each token by itself.
 *
 * @param axis the axis of the value that counts the cells.
 */
export function reachesAttention(
  nodes: readonly GraphNode[],
  start: { readonly node: string; readonly axis: number },
  axes: ReadonlyMap<string, Axes>,
): boolean {
  const byName = indexNodes({ nodes });
  const readers = listReaders(nodes);
  const values = {
    shapeOf: (name: string) => byName.get(name)!.shape,
    axesOf: (name: string) => axes.get(name)!,
  };
  const seen = new Set<string>();
  const pending = [start];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { node, axis } = at;
    const key = `${axis} ${node}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const reader of readers.get(node) ?? []) {
      for (const [index, input] of reader.inputs.entries()) {
        if (input !== node) continue;
        const flow = followAxis(reader, index, axis, values);
        if (flow === 'mixed' && reader.op.kind === 'matMul') return true;
        if (typeof flow === 'number') pending.push({ node: reader.name, axis: flow });
      }
    }
  }
  return false;
}
