import { listReads } from './list-reads.ts';
import type { OnnxFileNode } from './proto/onnx-schema.ts';

/**
 * Sorts nodes so that each comes after the nodes whose values it reads. The format asks writers for that,
 * but ONNX Runtime does not, and its converter to float16 appends the casts of inputs at the end. A list
 * that is in order stays as it is. Nodes of a circle come last, and those behind a value that nothing
 * gives.
 *
 * @param given names of the values that no node gives.
 */
export function sortNodes(
  nodes: readonly OnnxFileNode[],
  given: ReadonlySet<string>,
): readonly OnnxFileNode[] {
  const producers = new Map<string, number>();
  nodes.forEach(({ outputs }, place) => outputs.forEach((name) => producers.set(name, place)));
  const before = nodes.map((node) => {
    const names = listReads(node).filter((name) => name !== '' && !given.has(name));
    return new Set(names.flatMap((name) => producers.get(name) ?? []));
  });
  const isSorted = before.every((places, place) => [...places].every((one) => one < place));
  if (isSorted) return nodes;
  const readers = nodes.map((): number[] => []);
  before.forEach((places, place) => places.forEach((one) => readers[one]!.push(place)));
  const left = before.map((places) => places.size);
  const order: number[] = [];
  const pending = left.flatMap((count, place) => (count === 0 ? [place] : [])).reverse();
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    order.push(place);
    for (const reader of readers[place]!) {
      left[reader]! -= 1;
      if (left[reader] === 0) pending.push(reader);
    }
  }
  const rest = left.flatMap((count, place) => (count > 0 ? [place] : []));
  return [...order, ...rest].map((place) => nodes[place]!);
}
