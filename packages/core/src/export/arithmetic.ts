import type { GraphWriter } from '../engines/onnx/graph-writer.ts';
import { createExpressions, type Expressions } from '../engines/onnx/lower/expressions.ts';
import { elementType } from '../engines/onnx/proto/onnx-model.ts';

/** Precision of preprocessing and maps; the net itself is float32 in any case. */
export type Precision = 'float64' | 'float32';

/** Arithmetic of one precision on values of the graph, which themselves are float32. */
export interface Arithmetic extends Expressions {
  /** A float32 or uint8 value in this precision. */
  load(value: string): string;
  /** A value of this precision, rounded to float32. */
  store(value: string): string;
  constant(values: readonly number[], shape: readonly number[]): string;
  /** Sum over axes, which stay as axes of size 1. */
  sum(value: string, axes: readonly number[]): string;
  /** The same without those axes. */
  sumAway(value: string, axes: readonly number[]): string;
}

/** The library computes in float64 outside of the net, so only that gives its very numbers. */
export function createArithmetic(writer: GraphWriter, precision: Precision): Arithmetic {
  const constant = (values: readonly number[], shape: readonly number[]): string =>
    writer.once(`${precision} ${shape.join()}: ${values.join()}`, () =>
      writer.floats(
        precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values),
        shape,
      ),
    );
  const cast = (value: string, to: Precision): string =>
    writer.add('Cast', [value], { to: elementType[to] });
  const reduce = (value: string, axes: readonly number[], keepdims: 0 | 1): string =>
    writer.add('ReduceSum', [value, writer.integers(axes)], { keepdims });
  return {
    ...createExpressions(writer, (value) => constant([value], [])),
    constant,
    load: (value) => cast(value, precision),
    store: (value) => (precision === 'float32' ? value : cast(value, 'float32')),
    sum: (value, axes) => reduce(value, axes, 1),
    sumAway: (value, axes) => reduce(value, axes, 0),
  };
}
