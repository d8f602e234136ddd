import type { GraphNode, Head } from '../network/network.ts';
import type { GraphWriter } from './graph-writer.ts';
import { toNhwc } from './lower/elementwise.ts';

/**
 * All scores of a head side by side, [batch, scores], in the order of the model: an output with rows
 * and columns counts row by row, pixel by pixel, class by class, as it does on every other engine. In
 * a compiled graph such a value has its channels first, so it is turned before it is flattened.
 */
export function flattenScores(
  writer: GraphWriter,
  value: string,
  { shape }: GraphNode,
  { classes }: Head,
): string {
  const inModelOrder = toNhwc(writer, value, shape);
  return writer.add('Reshape', [inModelOrder, writer.integers([-1, classes])]);
}
