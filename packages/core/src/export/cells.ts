import type { GraphWriter } from '../engines/onnx/graph-writer.ts';
import { asPlain, toOrder, type StoredValue } from '../engines/onnx/lower/stored-order.ts';
import type { Grid } from '../network/grid/grid.ts';

/**
 * Writes the cells of a layer's value as [batch, channels, rows, columns]. For tokens, the cells are cut
 * out first, as `readCells` does.
 *
 * @param shape the shape of the value in the network.
 */
export function writeCells(
  writer: GraphWriter,
  value: StoredValue,
  shape: readonly number[],
  { height, width, channels, tokens }: Grid,
): string {
  if (tokens === null) return toOrder(writer, value, shape, 'channelsFirst');
  const plain = toOrder(writer, value, shape, 'plain');
  const bounds = [[tokens.before], [tokens.before + height * width], [tokens.axis + 1]];
  const cells = writer.add('Slice', [plain, ...bounds.map((bound) => writer.integers(bound))]);
  const target = [height, width, channels];
  const image = writer.add('Reshape', [cells, writer.integers([-1, ...target])]);
  return toOrder(writer, asPlain(image), target, 'channelsFirst');
}
