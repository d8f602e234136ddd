import type { LoweringContext } from './lowering.ts';

/**
 * Lays the cells of an image apart, `strides` cells from one to the next, in an image of the given size whose
 * other cells are zero. The indices are sums of small constants, which the runtime adds up while it loads
 * the graph.
 */
export function spreadCells(
  { writer, inputs, inputShape }: Pick<LoweringContext, 'writer' | 'inputs' | 'inputShape'>,
  batch: number,
  [height, width]: readonly [number, number],
  strides: readonly [number, number],
): string {
  const [rows = 1, columns = 1, channels = 1] = inputShape(0);
  const steps = (count: number, step: number, shape: readonly number[]): string =>
    writer.integers(
      Array.from({ length: count }, (_, i) => i * step),
      shape,
    );
  const indices = [
    steps(batch, channels * height * width, [batch, 1, 1, 1]),
    steps(channels, height * width, [channels, 1, 1]),
    steps(rows, strides[0] * width, [rows, 1]),
    steps(columns, strides[1], [columns]),
  ].reduce((sum, step) => writer.add('Add', [sum, step]));
  // The runtime does not infer the shape of MaxUnpool's result.
  const shape = writer.integers([batch, channels, height, width]);
  const spread = writer.add('MaxUnpool', [inputs[0]!, indices, shape], {
    kernel_shape: [1, 1],
    strides,
  });
  return writer.add('Reshape', [spread, shape]);
}
