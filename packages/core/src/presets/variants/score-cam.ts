import { batchItem } from '../../base/nd-array.ts';
import { fillBatch, imageSize, runInBatches } from '../../methods/passes/batched-runs.ts';
import { forwardPassOf } from '../../methods/passes/forward-pass.ts';
import { softmax } from '../../engines/port/probabilities.ts';
import { scoreSeed, type Seed } from '../../engines/port/seed.ts';
import { weightChannels } from '../../methods/grid/map-algebra.ts';
import type { Method } from '../../methods/method.ts';
import { mainHead, type Head } from '../../network/network.ts';
import { applySteps, type DisplayStep } from '../display-step.ts';

/** How a peer makes a mask from a channel, and the channel's weight from the score of the masked input. */
export interface ScoreCamRule {
  /** The steps from a channel of the layer to its mask in the input's size. */
  readonly mask: readonly DisplayStep[];
  /** The score of one seed, from the logits of a masked input. */
  readonly score: (seed: Seed, logits: Float32Array, head: Head) => number;
  /** The weights of the channels, from their scores. */
  readonly weigh: (scores: Float64Array) => Float64Array;
}

const ofLogit = {
  score: (seed: Seed, logits: Float32Array, head: Head) => scoreSeed(seed, logits, head),
  weigh: softmax,
};

/** @see jacobgil/pytorch-grad-cam, pytorch_grad_cam/score_cam.py: UpsamplingBilinear2d aligns corners */
export const scoreCamOfPytorchGradCam: ScoreCamRule = {
  ...ofLogit,
  mask: [
    { step: 'resize', kernel: 'align-corners' },
    { step: 'min-max', guard: 1e-8 },
  ],
};

/** @see frgfm/torch-cam, torchcam/methods/activation.py: it scales by the range before it enlarges */
export const scoreCamOfTorchcam: ScoreCamRule = {
  ...ofLogit,
  mask: [
    { step: 'min-max', guard: 1e-8 },
    { step: 'resize', kernel: 'half-pixel' },
  ],
};

/**
 * The weight is a softmax over the classes of the model's output, which is often a softmax already.
 *
 * @see keisen/tf-keras-vis, tf_keras_vis/scorecam.py
 */
export const scoreCamOfTfKerasVis: ScoreCamRule = {
  mask: [
    { step: 'resize', kernel: 'align-corners' },
    { step: 'min-max', guard: 1e-7 },
  ],
  score: (seed, logits, { activation }) => {
    const output = activation === 'softmax' ? softmax(logits) : logits;
    return scoreSeed({ ...seed, score: 'probability' }, output, { activation: 'softmax' });
  },
  weigh: (scores) => scores,
};

/** Score-CAM by a peer's rule. Every channel is evaluated, also a constant one. */
export function scoreCamLike({ mask, score, weigh }: ScoreCamRule): Method['explain'] {
  return async ({ session, input, layer, seeds, ...options }) => {
    const [height, width, depth] = imageSize(input);
    const pass = forwardPassOf(session);
    const head = mainHead(session.network);
    const clean = await pass.run(input, [layer]);
    const activations = batchItem(clean.outputs.get(layer)!, 0);
    const [rows = 1, columns = 1, channels = 1] = activations.shape;
    const scores = seeds.map(() => new Float64Array(channels));
    await runInBatches(channels, options, async (start, count) => {
      const masked = fillBatch(input.shape.slice(1), count, (item, i) => {
        const data = Float64Array.from(
          { length: rows * columns },
          (_, cell) => activations.data[cell * channels + start + i]!,
        );
        const grid = { rows, columns, channels: 1, data };
        const shown = applySteps(grid, mask, { width, height }).data;
        for (let j = 0; j < item.length; j++) {
          item[j] = shown[Math.floor(j / depth)]! * input.data[j]!;
        }
      });
      const { logits } = await pass.run(masked, []);
      for (let i = 0; i < count; i++) {
        const { data } = batchItem(logits, i);
        seeds.forEach((seed, seedIndex) => {
          scores[seedIndex]![start + i] = score(seed, data, head);
        });
      }
    });
    return scores.map((ofSeed) => ({ map: weightChannels(activations, weigh(ofSeed)) }));
  };
}
