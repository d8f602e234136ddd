import type { NdArray } from '../../base/nd-array.ts';
import { createRandom } from '../../base/random.ts';
import { weightChannels } from './map-algebra.ts';
import type { GridMethod, MethodInputs } from '../method.ts';

/**
 * Channels with weights drawn from -1 to 1, the same in every run of one seed: what a method must do
 * better than. It knows nothing of the class.
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

export const randomCam: GridMethod = {
  kind: 'grid',
  name: 'random-cam',
  title: 'RandomCAM',
  paper: 'https://arxiv.org/abs/1810.03292',
  summary: 'Channels weighted at random: the baseline that a method has to beat.',
  gradientFree: true,
  relu: true,
  cost: 'nothing',
  computeMap: (inputs) => computeRandomCam(inputs),
};
