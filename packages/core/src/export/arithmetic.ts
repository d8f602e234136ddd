import type { GraphWriter } from '../engines/onnx/graph-writer.ts';
import { createExpressions, type Expressions } from '../engines/onnx/lower/expressions.ts';
import { elementType } from '../engines/onnx/proto/onnx-model.ts';

/** Precision of preprocessing and maps. The net itself is always float32. */
export type Precision = 'float64' | 'float32';

/** Arithmetic in one precision. The graph's own values are float32. */
export interface Arithmetic extends Expressions {
  /** Converts a float32 or uint8 value to this precision. */
  load(value: string): string;
  /** Rounds a value of this precision to float32. */
  store(value: string): string;
  constant(values: readonly number[], shape: readonly number[]): string;
  /** Sums over axes, and keeps them with size 1. */
  sum(value: string, axes: readonly number[]): string;
  /** Sums over axes, and removes them. */
  sumAway(value: string, axes: readonly number[]): string;
}

/** This library computes in float64 outside of the net, so only `float64` gives exactly its numbers. */
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
