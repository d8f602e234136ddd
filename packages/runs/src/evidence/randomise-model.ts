import type { Engine, Model } from '@gradcam/core';
import { listRandomisableLayers, randomiseWeights, readAllWeights } from '@gradcam/core/evidence';

/**
 * The same model with Gaussian noise in place of its learnt weights. The caller disposes it.
 *
 * @param seed of the noise.
 * @returns null for a model without learnt weights, and for one whose engine does not give its weights.
 */
export async function randomiseModel(
  model: Model,
  engine: Pick<Engine, 'open'>,
  seed: number,
): Promise<Model | null> {
  const { network } = model.session;
  const learnt = listRandomisableLayers(network).flatMap((layer) => layer.weights);
  if (learnt.length === 0 || model.session.readWeights === undefined) return null;
  const weights = randomiseWeights(await readAllWeights(model.session), learnt, seed);
  const session = await engine.open(network, weights);
  return { ...model, session, dispose: () => session.dispose() };
}
