import type { GraphNode, Head } from '../../network/network.ts';
import type { GraphWriter } from './graph-writer.ts';
import { toOrder, type StoredValue } from './lower/stored-order.ts';

/**
 * All scores of a head side by side, [batch, scores], in the order of the model: an output with rows
 * and columns counts row by row, pixel by pixel, class by class, as it does on every other engine. In
 * a compiled graph such a value may have its channels first: it is turned before it is flattened.
 */
export function flattenScores(
  writer: GraphWriter,
  value: StoredValue,
  { shape }: GraphNode,
  { classes }: Head,
): string {
  const inModelOrder = toOrder(writer, value, shape, 'plain');
  return writer.add('Reshape', [inModelOrder, writer.integers([-1, classes])]);
}
