import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';
import { createTerms, type Terms } from './terms.ts';

/** Keras multiplies by at most 1e12 (`epsilon`), so that an all-zero vector stays one. */
const SMALLEST_NORM = 1e-12;

/** `UnitNormalization`: each vector along the axes by its length. */
export function readUnitNormalization(call: LayerCall): Value {
  const input = onlyInput(call);
  const axes = readAxes(call, input.shape.length);
  const terms = createTerms(call);
  const x = terms.of(input);
  const squares = terms.sum(terms.multiply(x, x), axes);
  // Keras 2 bounds the square of the length from below, Keras 3 the length.
  const least = call.writer === 'keras3' ? SMALLEST_NORM ** 2 : SMALLEST_NORM;
  return terms.multiply(x, inverseRoot(terms, squares, least)).write('output');
}

/**
 * `RMSNormalization`, and `LayerNormalization` with `rms_scaling`: by the root of the mean square of the last
 * axis, then a factor for each channel.
 */
export function readRmsNormalization(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const rank = input.shape.length;
  const [axis, ...others] = readAxes(call, rank);
  if (axis !== rank - 1 || others.length > 0)
    attributes.refuse('axis', `-1 or ${rank}, the channels`);
  const channels = input.shape.at(-1) ?? 0;
  const epsilon = attributes.number('epsilon', 1e-6);
  const terms = createTerms(call);
  const x = terms.of(input);
  const mean = terms.affine(terms.sum(terms.multiply(x, x), [rank - 1]), [1 / channels], [epsilon]);
  const normal = terms.multiply(x, terms.fn(mean, { name: 'power', exponent: -0.5 }));
  const weights = { scale: call.weight('scale', [channels]) };
  return terms.apply({ kind: 'channelScale' }, [normal], input.shape, { weights }).write('output');
}

function inverseRoot(terms: Terms, x: ReturnType<Terms['of']>, least: number) {
  const bounded = terms.apply({ kind: 'maximum' }, [x, terms.affine(x, [0], [least])]);
  return terms.fn(bounded, { name: 'power', exponent: -0.5 });
}

/** Axes without the batch's, from 0 on. */
function readAxes(call: LayerCall, rank: number): number[] {
  const given = call.attributes.raw('axis') ?? -1;
  const list: unknown[] = Array.isArray(given) ? given : [given];
  const axes = list.map((axis) =>
    typeof axis !== 'number' ? NaN : axis < 0 ? rank + axis : axis - 1,
  );
  if (!axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank)) {
    return call.attributes.refuse('axis', 'axes of the input');
  }
  return axes;
}
