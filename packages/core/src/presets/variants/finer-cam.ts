import { batchItem } from '../../base/nd-array.ts';
import { joinInputs } from '../../methods/passes/forward-pass.ts';
import type { ScoreFunction } from '../../engines/port/score-function.ts';
import type { Seed } from '../../engines/port/seed.ts';
import { GradcamError } from '../../base/errors.ts';
import { computeFinerSeed } from '../../methods/multi-pass/finer-cam.ts';
import { computeGradCam } from '../../methods/grid/grad-cam.ts';
import type { PeerRun } from '../preset.ts';

/** Keeps the peer's weights from a division by nothing. */
const GUARD = 1e-9;

/**
 * Finer-CAM of pytorch-grad-cam: Grad-CAM of sum_d p_d (z_c - z_d) / sum_d p_d over the three classes
 * with the nearest logits; the gradient flows through the probabilities p too.
 *
 * @see jacobgil/pytorch-grad-cam, pytorch_grad_cam/finer_cam.py, utils/model_targets.py
 */
export const finerCamOfPytorchGradCam: PeerRun = async (
  session,
  input,
  { layer, seeds, signal },
) => {
  const inputs = joinInputs(session, input);
  signal?.throwIfAborted();
  const { logits } = await session.run({ inputs, outputs: [] });
  signal?.throwIfAborted();
  const own = seeds.map((seed): Seed => {
    const scalar = weightedContrast(seed, batchItem(logits, 0).data);
    return { score: 'logit', of: { scalar } };
  });
  const gradient = { seeds: own, wrt: [layer], relu: 'plain' } as const;
  const result = await session.run({ inputs, outputs: [layer], gradient });
  signal?.throwIfAborted();
  const activations = batchItem(result.outputs.get(layer)!, 0);
  return result.gradients.map((found) =>
    computeGradCam({ activations, gradients: batchItem(found.get(layer)!, 0) }),
  );
};

function weightedContrast({ of }: Seed, logits: Float32Array): ScoreFunction {
  if (!('class' in of)) {
    throw new GradcamError(
      'unsupported',
      'finer-cam of pytorch-grad-cam explains a class; not: and a:b it does not know',
    );
  }
  const { references } = computeFinerSeed({ score: 'logit', of }, logits);
  if (references.length < 3) {
    throw new GradcamError(
      'unsupported',
      `finer-cam of pytorch-grad-cam needs four classes; the model has ${logits.length}`,
    );
  }
  return {
    name: 'a weighted contrast',
    score: ({ logits: z, probabilities: p }) => {
      const sum = references.reduce((all, d) => all + p[d]! * (z[of.class]! - z[d]!), 0);
      return sum / (references.reduce((all, d) => all + p[d]!, 0) + GUARD);
    },
  };
}
