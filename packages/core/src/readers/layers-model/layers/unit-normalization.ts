import { readAxes } from './axes.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';
import { createTerms, type Term, type Terms } from './terms.ts';

/** Keras multiplies by at most 1e12 (`epsilon`), so that a vector of zeros stays zero. */
const SMALLEST_NORM = 1e-12;

/** `UnitNormalization`: divides each vector along the axes by its length. */
export function readUnitNormalization(call: LayerCall): Value {
  const terms = createTerms(call);
  const x = terms.of(onlyInput(call));
  return unitVectors(call, terms, x, readAxes(call)).write('output');
}

/**
 * Divides each vector along the axes by its length. The length is bounded from below as in the version of
 * Keras that wrote the model.
 */
export function unitVectors(
  { writer }: Pick<LayerCall, 'writer'>,
  terms: Terms,
  x: Term,
  axes: readonly number[],
): Term {
  const squares = terms.sum(terms.multiply(x, x), axes);
  // Keras 2 bounds the square of the length from below, and Keras 3 bounds the length.
  const least = writer === 'keras3' ? SMALLEST_NORM ** 2 : SMALLEST_NORM;
  return terms.multiply(x, inverseRoot(terms, squares, least));
}

/**
 * `RMSNormalization`, and `LayerNormalization` with `rms_scaling`: divides by the root of the mean square
 * over the last axis, then multiplies by a factor for each channel.
 */
export function readRmsNormalization(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const rank = input.shape.length;
  const [axis, ...others] = readAxes(call);
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
