import type { NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';

/**
 * Brings a manifest's weights into a layer's order.
 *
 * Keras and tfjs name the weights of wrapped layers differently (`lstm/lstm_cell/kernel` and
 * `lstm/kernel`), but both end in the weight's own name, and where several end alike (the two
 * directions of a Bidirectional) both list them in one order.
 *
 * @param own of the layer as built: names and shapes.
 * @param given in the manifest's order; `suffix` is what follows the layer's name.
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
    const alike = (of: (name: string) => string): number =>
      left.findIndex(({ suffix }) => of(suffix) === of(name));
    const exact = alike(lastPart);
    const index = exact < 0 ? alike((one) => lastPart(one).replace(/_\d+$/, '')) : exact;
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
    `layer ${layer}: weights ${left.map(({ suffix }) => suffix).join(', ')} are not of the layer`,
  );
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
