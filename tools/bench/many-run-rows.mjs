// @ts-check
import {
  computeAblationCam,
  computeScoreCam,
  forwardPassOf,
  loadModel,
  resolveLayer,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createEngine } from './create-engine.mjs';
import { openBareForward } from './bare-forward.mjs';
import { drawInput } from './explanation-rows.mjs';
import { compareCosts, describeTimes, race } from './timing.mjs';

const BATCH = 16;

/**
 * Measures methods that run the model many times against as many bare forward passes in the same batches.
 *
 * @param {string} net
 * @param {string} folder
 * @param {{ channels: number }} options for Score-CAM: 256 of ResNet-50's 2048 channels are so many
 * batches that the first pass and the drawing of the map hardly add to the time.
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureManyRuns(net, folder, { channels }) {
  const model = await loadModel(openModelFolder(folder), {
    engine: createEngine(),
  });
  const { node } = resolveLayer(model, 'auto');
  const { height, width } = model.input;
  const input = { shape: [1, height, width, 3], data: drawInput(height * width * 3) };
  const seed = { score: /** @type {const} */ ('logit'), of: { rank: 0 } };

  let runs = 0;
  const { session } = model;
  /** @type {import('@gradcam/core').Session} */
  const counted = {
    network: session.network,
    run: (request) => {
      runs += 1;
      return session.run(request);
    },
    dispose: () => session.dispose(),
  };
  const { closedForm } = await computeAblationCam(counted, input, { layer: node, seeds: [seed] });
  yield {
    what: 'runs of Ablation-CAM over all channels',
    net,
    value: String(runs),
    target: '1 where the head is linear',
    detail: closedForm ? 'from one gradient' : 'the tail was replayed',
  };

  const bare = await openBareForward(net, model);
  const batch = drawInput(BATCH * height * width * 3);
  const times = await race(
    {
      forwards: async () => {
        for (let i = 0; i < channels; i += BATCH) await bare.run(batch, BATCH);
      },
      'Score-CAM': () =>
        computeScoreCam(forwardPassOf(session), input, {
          layer: node,
          seeds: [seed],
          channels,
          batch: BATCH,
        }),
    },
    2,
  );
  yield {
    what: `Score-CAM over ${channels} channels / as many bare forwards in batches of ${BATCH}`,
    net,
    ...compareCosts(times['Score-CAM'], times.forwards),
    target: '<= 1.1',
    detail: `${describeTimes(times)}; bare: ${bare.source}`,
  };
  await bare.release();
  model.dispose();
}
