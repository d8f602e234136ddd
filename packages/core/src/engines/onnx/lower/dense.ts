import { countElements, reshaped } from '../../../base/nd-array.ts';
import type { Lowering, LoweringContext } from './lowering.ts';

export const lowerDense: Lowering<'dense'> = (context) => {
  const { writer } = context;
  const kernel = denseKernel(context, context.inputShape(0).at(-1)!);
  const product = writer.add('MatMul', [context.inputs[0]!, kernel]);
  if (!context.hasWeight('bias')) return product;
  const { name, array } = context.weight('bias');
  const bias = writer.once(name, () =>
    writer.weights(reshaped(array, [countElements(array.shape)])),
  );
  return writer.add('Add', [product, bias]);
};

/** Multiplies with the kernel of the forward pass transposed, so that the kernel is stored once. */
export const lowerDenseAdjoint: Lowering<'denseAdjoint'> = (context) => {
  const { writer, node } = context;
  const from = context.inputShape(0);
  const [x] = context.inputs as [string];
  const kernel = denseKernel(context, node.shape.at(-1)!);
  const multiply = (rows: string): string => writer.add('Gemm', [rows, kernel], { transB: 1 });
  if (from.length === 1) return multiply(x);
  const rows = writer.add('Reshape', [x, writer.integers([-1, from.at(-1) ?? 1])]);
  return writer.add('Reshape', [multiply(rows), writer.integers([-1, ...node.shape])]);
};

/**
 * As {@link lowerDenseAdjoint}, for rows that are 1 at one place and 0 elsewhere: the kernel's columns there.
 *
 * @param places [rows]
 */
export function takeColumns(
  context: Pick<LoweringContext, 'writer' | 'weight' | 'mappedWeight' | 'node'>,
  places: string,
): string {
  const kernel = denseKernel(context, context.node.shape.at(-1)!);
  const columns = context.writer.add('Gather', [kernel, places], { axis: 1 });
  return context.writer.add('Transpose', [columns], { perm: [1, 0] });
}

function denseKernel(
  context: Pick<LoweringContext, 'writer' | 'weight' | 'mappedWeight' | 'node'>,
  rows: number,
): string {
  const { writer, node } = context;
  const mapped = context.mappedWeight('kernel');
  if (mapped !== null) {
    const shape = [rows, countElements(mapped.shape) / rows];
    return writer.once(node.weights['kernel']!, () => writer.mapped(mapped.range, shape));
  }
  const { name, array } = context.weight('kernel');
  const shape = [rows, countElements(array.shape) / rows];
  return writer.once(name, () => writer.weights(reshaped(array, shape)));
}
