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
 * ONNX Runtime takes a padding before it into the pool: a mean then counts the pool's own padding too, a
 * maximum does not see the value, and one as large as the window is refused. A maximum of one value is nothing
 * but keeps them apart.
 */
function apartFromPad({
  writer,
  op,
  inputs,
  inputKind,
}: LoweringContext<'maxPool'> | LoweringContext<'averagePool'>): string {
  const [x] = inputs as [string];
  const kind = inputKind(0);
  // Zeros before a maximum stay zeros.
  const isApart = kind === 'padWith' || (kind === 'pad' && op.kind === 'averagePool');
  return isApart ? writer.add('Max', [x]) : x;
}

export const lowerGlobalAveragePool: Lowering<'globalAveragePool'> = ({ writer, inputs, node }) => {
  const pooled = writer.add('GlobalAveragePool', [inputs[0]!]);
  return writer.add('Reshape', [pooled, writer.integers([-1, ...node.shape])]);
};

export const lowerGlobalMaxPool: Lowering<'globalMaxPool'> = ({ writer, inputs, node }) => {
  const pooled = writer.add('GlobalMaxPool', [inputs[0]!]);
  return writer.add('Reshape', [pooled, writer.integers([-1, ...node.shape])]);
};

/** A pool's window in ONNX. */
export function windowAttributes({ size, strides, padding }: Window) {
  const attributes = { kernel_shape: size, strides };
  return isPadded(padding) ? { ...attributes, pads: toPads(padding) } : attributes;
}
