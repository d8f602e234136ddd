import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BatchedRunOptions } from '../../../src/methods/passes/batched-runs.ts';
import { createPredict, forwardPassOf } from '../../../src/methods/passes/forward-pass.ts';
import { computeOcclusion } from '../../../src/methods/multi-pass/occlusion.ts';
import { computeRise } from '../../../src/methods/multi-pass/rise.ts';
import { computeAblationCam } from '../../../src/methods/multi-pass/ablation-cam.ts';
import { computeIntegratedGradients } from '../../../src/methods/multi-pass/integrated-gradients.ts';
import { computeScoreCam } from '../../../src/methods/multi-pass/score-cam.ts';
import { computeSmoothGradCamPlusPlus } from '../../../src/methods/multi-pass/smooth-grad-cam-plus-plus.ts';
import { computeSmoothGrad } from '../../../src/methods/multi-pass/smooth-grad.ts';
import { tfjsBackends } from '../../helper/engines.ts';
import { openTinyNet, type TinyNet } from '../passes/tiny-net.ts';

/** Every method, with a batch that makes it run more than once. */
const work = {
  occlusion: ({ session, input }: TinyNet, options: BatchedRunOptions) =>
    computeOcclusion(createPredict(forwardPassOf(session)), input, {
      ...options,
      patch: [2, 2],
      batch: 3,
    }),
  rise: ({ session, input, seeds }: TinyNet, options: BatchedRunOptions) =>
    computeRise(createPredict(forwardPassOf(session), seeds), input, {
      ...options,
      masks: 5,
      batch: 2,
    }),
  scoreCam: ({ session, input, seeds }: TinyNet, options: BatchedRunOptions) =>
    computeScoreCam(forwardPassOf(session), input, {
      ...options,
      layer: 'relu',
      seeds,
      weighting: 'relu-increase',
      batch: 1,
    }),
  ablationCam: ({ session, input, seeds }: TinyNet, options: BatchedRunOptions) =>
    computeAblationCam(session, input, { ...options, layer: 'relu', seeds, batch: 1 }),
  smoothGrad: ({ session, input, seeds }: TinyNet, options: BatchedRunOptions) =>
    computeSmoothGrad(session, input, { ...options, seeds, samples: 5, batch: 2 }),
  smoothGradCamPlusPlus: ({ session, input, seeds }: TinyNet, options: BatchedRunOptions) =>
    computeSmoothGradCamPlusPlus(session, input, {
      ...options,
      layer: 'relu',
      seeds,
      samples: 5,
      batch: 2,
    }),
  integratedGradients: ({ session, input, seeds }: TinyNet, options: BatchedRunOptions) =>
    computeIntegratedGradients(session, input, { ...options, seeds, steps: 5, batch: 2 }),
} as const;

const names = Object.keys(work) as (keyof typeof work)[];

describe.each(tfjsBackends)('methods of many runs on %s', (engine) => {
  let net: TinyNet;
  beforeAll(async () => {
    net = await openTinyNet('flat', engine);
    return () => net.session.dispose();
  });

  /** What the work fails with, or null; expects as many tensors as before. */
  async function leavesNothing(task: () => Promise<unknown>): Promise<unknown> {
    const { numTensors, numDataBuffers } = tf.memory();
    const error = await task().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    return error;
  }

  test.each(names)('%s leaves no tensor behind and reports to the end', async (name) => {
    const done: number[] = [];
    let all = 0;
    const onProgress = (progress: { done: number; total: number }) => {
      done.push(progress.done);
      all = progress.total;
    };
    expect(await leavesNothing(() => work[name](net, { onProgress }))).toBeNull();
    expect(done.length).toBeGreaterThan(1);
    expect(done.at(-1)).toBe(all);
    expect([...done].sort((a, b) => a - b)).toEqual(done);
  });

  test.each(names)('%s aborted between runs stops there and leaves none', async (name) => {
    const controller = new AbortController();
    let reports = 0;
    const onProgress = () => {
      reports++;
      controller.abort();
    };
    const options = { signal: controller.signal, onProgress };
    const error = await leavesNothing(() => work[name](net, options));
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(reports).toBe(1);
  });

  test.each(names)('%s aborted before does not run at all', async (name) => {
    let runs = 0;
    const session = {
      network: net.session.network,
      dispose: () => {},
      run: (request: Parameters<typeof net.session.run>[0]) => {
        runs++;
        return net.session.run(request);
      },
    };
    const options = { signal: AbortSignal.abort() };
    const error = await leavesNothing(() => work[name]({ ...net, session }, options));
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(runs).toBe(0);
  });

  test.each(names)('%s whose input is not finite is an error of ours', async (name) => {
    const input = { shape: net.input.shape, data: net.input.data.map(() => NaN) };
    const error = await leavesNothing(() => work[name]({ ...net, input }, {}));
    expect(error).toMatchObject({ name: 'GradcamError' });
  });
});
