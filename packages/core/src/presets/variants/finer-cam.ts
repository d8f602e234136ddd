import { batchItem } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import type { ScoreFunction } from '../../engines/port/score-function.ts';
import type { Seed } from '../../engines/port/seed.ts';
import { computeGradCam } from '../../methods/grid/grad-cam.ts';
import type { Method } from '../../methods/method.ts';
import { computeFinerSeed } from '../../methods/multi-pass/finer-cam.ts';
import { imageInput } from '../../methods/passes/forward-pass.ts';
import { valuesAtLayer } from '../../methods/passes/seed-gradients.ts';

/** Keeps the peer's weights from a division by zero. */
const GUARD = 1e-9;

/**
 * Finer-CAM of pytorch-grad-cam: Grad-CAM of sum_d p_d (z_c - z_d) / sum_d p_d over the three classes d
 * with the nearest logits. The gradient also flows through the probabilities p.
 *
 * @throws GradcamError `unsupported` for a target that is not a class, and a model of fewer than four.
 * @see jacobgil/pytorch-grad-cam, pytorch_grad_cam/finer_cam.py, utils/model_targets.py
 */
export const finerCamOfPytorchGradCam: Method['explain'] = async ({
  session,
  input,
  layer,
  seeds,
  signal,
}) => {
  signal?.throwIfAborted();
  const { logits } = await session.run({ inputs: imageInput(session, input), outputs: [] });
  signal?.throwIfAborted();
  const contrasts = seeds.map((seed): Seed => {
    const scalar = weightedContrast(seed, batchItem(logits, 0).data);
    return { score: 'logit', of: { scalar } };
  });
  const values = await valuesAtLayer(session, layer, input, contrasts);
  signal?.throwIfAborted();
  return values.map((atLayer) => ({ map: computeGradCam(atLayer) }));
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
