import { isPadded, type Window } from '../../../network/op.ts';
import { toPads, type Lowering, type LoweringContext } from './lowering.ts';

export const lowerMaxPool: Lowering<'maxPool'> = (context) =>
  context.writer.add('MaxPool', [apartFromPad(context)], windowAttributes(context.op));

export const lowerAveragePool: Lowering<'averagePool'> = (context) =>
  context.writer.add('AveragePool', [apartFromPad(context)], {
    ...windowAttributes(context.op),
    count_include_pad: 0,
  });

/**
 * Keeps a pool apart from a padding before it, because ONNX Runtime would merge the two wrongly: a mean
 * then counts the pool's own padding too, a maximum ignores the padded value, and a padding as large as the
 * window is refused. A `Max` of one value computes nothing, but stands between them.
 */
function apartFromPad({
  writer,
  op,
  inputs,
  inputKind,
}: LoweringContext<'maxPool'> | LoweringContext<'averagePool'>): string {
  const [x] = inputs as [string];
  const kind = inputKind(0);
  // Zeros before a maximum may be merged.
  const isApart = kind === 'padWith' || (kind === 'pad' && op.kind === 'averagePool');
  return isApart ? writer.add('Max', [x]) : x;
}

export const lowerGlobalAveragePool: Lowering<'globalAveragePool'> = ({ writer, inputs, node }) => {
  const pooled = writer.add('GlobalAveragePool', [inputs[0]!]);
  const name = writer.add('Reshape', [pooled, writer.integers([0, ...node.shape])]);
  return { name, order: 'plain', cell: { name: pooled } };
};

export const lowerGlobalMaxPool: Lowering<'globalMaxPool'> = ({ writer, inputs, node }) => {
  const pooled = writer.add('GlobalMaxPool', [inputs[0]!]);
  return writer.add('Reshape', [pooled, writer.integers([0, ...node.shape])]);
};

/** A pool's window as ONNX attributes. */
export function windowAttributes({ size, strides, padding }: Window) {
  const attributes = { kernel_shape: size, strides };
  return isPadded(padding) ? { ...attributes, pads: toPads(padding) } : attributes;
}
