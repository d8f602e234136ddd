import type { GraphNode, Head } from '../../network/network.ts';
import type { GraphWriter } from './graph-writer.ts';
import { toOrder, type StoredValue } from './lower/stored-order.ts';

/**
 * Flattens a head's scores to [batch, scores] in the model's own order, as every engine lists them: row by
 * row, column by column, class by class. In a compiled graph the scores may stand with their channels
 * first; they are transposed back before they are flattened.
 */
export function flattenScores(
  writer: GraphWriter,
  value: StoredValue,
  { shape }: GraphNode,
  { classes }: Head,
): string {
  const inModelOrder = toOrder(writer, value, shape, 'plain');
  if (shape.length === 1) return inModelOrder;
  return writer.add('Reshape', [inModelOrder, writer.integers([-1, classes])]);
}
