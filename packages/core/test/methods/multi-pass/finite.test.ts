import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import { createPredict, forwardPassOf } from '../../../src/methods/passes/forward-pass.ts';
import { computeOcclusion, occlusionMap } from '../../../src/methods/multi-pass/occlusion.ts';
import { computeRise, riseMap } from '../../../src/methods/multi-pass/rise.ts';
import type { Seed } from '../../../src/engines/port/seed.ts';
import { computeAblationCam } from '../../../src/methods/multi-pass/ablation-cam.ts';
import { computeIntegratedGradients } from '../../../src/methods/multi-pass/integrated-gradients.ts';
import { computeScoreCam } from '../../../src/methods/multi-pass/score-cam.ts';
import { computeSmoothGradCamPlusPlus } from '../../../src/methods/multi-pass/smooth-grad-cam-plus-plus.ts';
import { computeSmoothGrad } from '../../../src/methods/multi-pass/smooth-grad.ts';
import { openModel } from '../passes/tiny-net.ts';
import { functionalModel, input, layer, type TestModel } from '../../helper/keras-model.ts';
import { createRandom, randomArray } from '../../helper/random.ts';
import { convolution, dense } from '../../helper/small-nets.ts';

/** One class by sigmoid, a grid of one cell before it, scores that `reach` saturates. */
function sigmoidNet(reach: number): TestModel {
  const random = createRandom(8);
  const head = dense(random, 'predictions', 3, 1, { activation: 'sigmoid' });
  const kernel = randomArray(random, [3, 1], -reach, reach);
  return functionalModel([
    input('image', 4, 4, 2),
    convolution(random, 'conv', [4, 4], 2, 3, { padding: 'valid', activation: 'relu' }),
    layer('Flatten', 'flat'),
    { ...head, weights: { ...head.weights, kernel } },
  ]);
}

const images: Readonly<Record<string, NdArray>> = {
  black: { shape: [1, 4, 4, 2], data: new Float32Array(32) },
  flat: { shape: [1, 4, 4, 2], data: new Float32Array(32).fill(3) },
  drawn: randomArray(createRandom(5), [1, 4, 4, 2], -2, 2),
};

const scores = ['logit', 'probability', 'logProbability'] as const;

describe.each(Object.keys(images))('finite in, finite out: %s image', (name) => {
  test.each([1, 1e3, 1e30])('weights up to %f, each score', async (reach) => {
    const session = await openModel(sigmoidNet(reach));
    const image = images[name]!;
    const pass = forwardPassOf(session);
    const conv = session.network.layers.get('conv')!;
    const seeds = scores.map((score): Seed => ({ score, of: { rank: 0 } }));
    const settled = scores.map((score): Seed => ({ score, of: { class: 0 } }));
    const predict = createPredict(pass, settled);
    const occlusion = await computeOcclusion(predict, image, { patch: [3, 3], stride: [1, 2] });
    const rise = await computeRise(predict, image, { masks: 4, cells: 2 });
    const smooth = await computeSmoothGrad(session, image, { seeds: settled, samples: 3 });
    const at = { seeds, layer: conv };
    const maps = [
      ...scores.flatMap((_, s) => [occlusionMap(occlusion, s), riseMap(rise, s)]),
      ...smooth.flatMap(({ mean, squared, variance }) => [mean, squared, variance]),
      ...(await computeSmoothGradCamPlusPlus(session, image, { ...at, samples: 3 })).map(
        (one) => one.map,
      ),
      ...(await computeIntegratedGradients(session, image, { seeds, steps: 3 })).map(
        (one) => one.map,
      ),
      ...(await computeScoreCam(pass, image, at)).maps,
      ...(await computeAblationCam(session, image, at)).maps,
    ];
    session.dispose();
    expect(maps).toHaveLength(27);
    for (const { data } of maps) expect(data.every((value) => Number.isFinite(value))).toBe(true);
  });
});
