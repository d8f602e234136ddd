import { asFloat32, type Constant } from './constant.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { arrange, orderWithLast } from './layout.ts';
import { transposeValues } from './transpose-values.ts';
import type { NodeValue } from './value.ts';

/** A matrix [in, out] that multiplies one axis of a value. */
export interface Matrix {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  read(): Float32Array;
}

/** Makes a matrix of a constant [in, out], or [out, in] where it is transposed, times a factor. */
export function matrixOf(constant: Constant, isTurned: boolean, factor = 1): Matrix {
  const [rows = 1, columns = 1] = constant.shape.slice(-2);
  const shape = [rows, columns];
  const read = (): Float32Array => {
    const values = isTurned
      ? transposeValues(constant.values(), shape, [1, 0])
      : asFloat32(constant.values());
    return factor === 1 ? values : values.map((value) => value * factor);
  };
  const times = factor === 1 ? '' : ` times ${factor}`;
  const turned = isTurned ? ' (turned)' : '';
  const [inputs, outputs] = isTurned ? [columns, rows] : [rows, columns];
  return { name: `${constant.name}${turned}${times}`, inputs, outputs, read };
}

/** Multiplies an axis of a value by a matrix. The axis then has the size of the matrix's outputs. */
export function multiplyAxis(
  builder: GraphBuilder,
  value: NodeValue,
  axis: number,
  matrix: Matrix,
  bias?: string,
): NodeValue {
  const order = value.order.at(-1) === axis ? value.order : orderWithLast(value, axis);
  const node = arrange(builder, value, order);
  const shape = value.shape.map((size, i) => (i === axis ? matrix.outputs : size));
  const weights = {
    kernel: builder.weight(matrix.name, [matrix.inputs, matrix.outputs], matrix.read),
    ...(bias === undefined ? {} : { bias }),
  };
  const stored = order.map((one) => shape[one]!);
  const made = builder.emit({ kind: 'dense' }, [node], stored, { weights });
  return { ...value, shape, order, channels: axis, node: made };
}
