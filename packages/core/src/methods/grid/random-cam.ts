import type { NdArray } from '../../base/nd-array.ts';
import { createRandom } from '../../base/random.ts';
import { weightChannels } from './map-algebra.ts';
import { explainAtLayer, layerMethod } from '../formula.ts';
import type { Method } from '../method.ts';
import type { MethodInputs } from '../shared-pass.ts';

/**
 * RandomCAM: L = sum_k w_k A_k with weights drawn at random from -1 to 1. It knows nothing of the class, so
 * a useful method must do better.
 *
 * @param seed of the random numbers; the same seed gives the same weights. Default 1.
 */
export function computeRandomCam(
  { activations }: Pick<MethodInputs, 'activations'>,
  { seed = 1 }: { readonly seed?: number } = {},
): NdArray {
  const random = createRandom(seed);
  const channels = activations.shape.at(-1) ?? 1;
  const weights = Float64Array.from({ length: channels }, () => 2 * random() - 1);
  return weightChannels(activations, weights);
}

export const randomCam: Method = {
  ...layerMethod,
  name: 'random-cam',
  title: 'RandomCAM',
  paper: 'https://arxiv.org/abs/1810.03292',
  summary: 'Channels weighted at random: the baseline that a method has to beat.',
  gradientFree: true,
  cost: 'nothing',
  explain: explainAtLayer((inputs) => computeRandomCam(inputs)),
};
