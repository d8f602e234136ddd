import type { LayerCall, Value } from './layer-reader.ts';
import { createTerms } from './terms.ts';
import { unitVectors } from './unit-normalization.ts';

/**
 * `Dot`: multiplies two values and sums over one axis of each. The values are vectors or lists of vectors.
 * With `normalize` the vectors are first scaled to length 1, so the results are cosines.
 */
export function readDot(call: LayerCall): Value {
  const { attributes, inputs } = call;
  const [a, b] = inputs;
  if (a === undefined || b === undefined || inputs.length !== 2) {
    return attributes.refuse('inbound_nodes', 'two inputs');
  }
  const normalizes = attributes.flag('normalize', false);
  const given = attributes.raw('axes');
  const [first, second = first]: readonly unknown[] = Array.isArray(given) ? given : [given];
  const [axisA, axisB] = [readPlace(call, first, a.shape), readPlace(call, second, b.shape)];
  if (a.shape[axisA] !== b.shape[axisB]) {
    attributes.refuse('axes', `axes of one size in ${describe(a)} and ${describe(b)}`);
  }
  const terms = createTerms(call);
  const of = (value: Value, axis: number) => {
    const term = terms.of(value);
    return normalizes ? unitVectors(call, terms, term, [axis]) : term;
  };
  const isVectorA = a.shape.length === 1;
  const isVectorB = b.shape.length === 1;
  const rows = isVectorA ? terms.reshape(of(a, axisA), [1, ...a.shape]) : of(a, axisA);
  const columns = isVectorB ? terms.reshape(of(b, axisB), [...b.shape, 1]) : of(b, axisB);
  const transposeA = !isVectorA && axisA === 0;
  const transposeB = !isVectorB && axisB === 1;
  const shape = [rows.shape[transposeA ? 1 : 0]!, columns.shape[transposeB ? 0 : 1]!];
  const product = terms.apply({ kind: 'matMul', transposeA, transposeB }, [rows, columns], shape);
  if (!isVectorA && !isVectorB) return product.write('output');
  // Keras keeps one axis for a single product.
  const left = isVectorA ? (isVectorB ? [1] : [shape[1]!]) : [shape[0]!];
  return terms.reshape(product, left).write('output');
}

function readPlace(call: LayerCall, axis: unknown, shape: readonly number[]): number {
  const found = typeof axis !== 'number' ? NaN : axis < 0 ? shape.length + axis : axis - 1;
  const isPlace = Number.isInteger(found) && found >= 0 && found < shape.length;
  if (isPlace && shape.length <= 2) return found;
  return call.attributes.refuse('axes', 'axes behind the batch, of values of one or two axes');
}

function describe({ shape }: Value): string {
  return `[${shape.join(', ')}]`;
}
