import type { NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';

/**
 * Brings a manifest's weights into the order of a layer of tfjs-layers.
 *
 * Keras and tfjs name the weights of wrapped layers differently (`lstm/lstm_cell/kernel` and `lstm/kernel`),
 * but both names end in the weight's own name. Where several end alike, as in the two directions of a
 * Bidirectional, both list them in the same order.
 *
 * @param own names and shapes of the built layer's weights.
 * @param given the manifest's weights, in its order; `suffix` is the part that follows the layer's name.
 * @throws GradcamError `model` where names or shapes do not fit.
 */
export function matchWeights(
  layer: string,
  own: readonly { readonly name: string; readonly shape: readonly number[] }[],
  given: readonly { readonly suffix: string; readonly array: NdArray }[],
): NdArray[] {
  const left = [...given];
  const list = (): string => given.map(({ suffix }) => suffix).join(', ') || 'none';
  const matched = own.map(({ name, shape }) => {
    const findBy = (keyOf: (name: string) => string): number =>
      left.findIndex(({ suffix }) => keyOf(suffix) === keyOf(name));
    const exact = findBy(lastPart);
    const index = exact < 0 ? findBy((one) => lastPart(one).replace(/_\d+$/, '')) : exact;
    if (index < 0) {
      throw new GradcamError(
        'model',
        `layer ${layer}: no weight ${lastPart(name)} [${shape.join(', ')}] in the manifest, which has ${list()}`,
      );
    }
    const [{ suffix, array }] = left.splice(index, 1) as [(typeof left)[number]];
    if (array.shape.join() !== shape.join()) {
      throw new GradcamError(
        'model',
        `layer ${layer}: weight ${suffix} has shape [${array.shape.join(', ')}], expected [${shape.join(', ')}]`,
      );
    }
    return array;
  });
  if (left.length === 0) return matched;
  throw new GradcamError(
    'model',
    `layer ${layer}: the manifest has weights that the layer does not: ${left.map(({ suffix }) => suffix).join(', ')}`,
  );
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
