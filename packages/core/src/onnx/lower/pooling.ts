import { isPadded, type Window } from '../../network/op.ts';
import { toPads, type Lowering } from './lowering.ts';

export const lowerMaxPool: Lowering<'maxPool'> = ({ writer, op, inputs }) =>
  writer.add('MaxPool', [inputs[0]!], windowAttributes(op));

/**
 * ONNX Runtime takes a padding before it into the pool, where it counts the pool's own padding too, and
 * refuses one that is as large as the window. A maximum of one value is nothing but keeps them apart.
 */
export const lowerAveragePool: Lowering<'averagePool'> = ({ writer, op, inputs, inputKind }) => {
  const [x] = inputs as [string];
  const apart = inputKind(0) === 'pad' ? writer.add('Max', [x]) : x;
  return writer.add('AveragePool', [apart], { ...windowAttributes(op), count_include_pad: 0 });
};

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
