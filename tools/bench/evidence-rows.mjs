// @ts-check
import { createPredict, explain, forwardPassOf, loadModel } from '@gradcam/core';
import { inputMapOf, measureDeletion, measureInsertion } from '@gradcam/core/evidence';
import { openModelFolder } from '@gradcam/core/node';
import { openBareForward } from './bare-forward.mjs';
import { createEngine } from './create-engine.mjs';
import { drawInput } from './explanation-rows.mjs';
import { compareCosts, describeTimes, race } from './timing.mjs';

const BATCH = 8;
/** 23 steps and the untouched input are 24 passes, which are three full batches. */
const STEPS = 23;

/**
 * Measures what the metrics of `gradcam evaluate` cost beside as many bare forward passes in the same
 * batches: deletion and insertion of one Grad-CAM map.
 *
 * @param {string} net
 * @param {string} folder
 * @param {{ rounds: number }} options
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureEvidence(net, folder, { rounds }) {
  const model = await loadModel(openModelFolder(folder), { engine: createEngine() });
  const { height, width } = model.input;
  const values = { shape: [1, height, width, 3], data: drawInput(height * width * 3) };
  const size = { width, height };
  const geometry = { image: size, input: size, view: { x: 0, y: 0, ...size } };
  const { explanations } = await explain(model, { values, geometry }, { targets: ['top1'] });
  const [explanation] = explanations;
  if (explanation?.target.kind !== 'class') throw new Error('top1 is a class');
  const score = /** @type {const} */ ('probability');
  const subject = {
    predict: createPredict(forwardPassOf(model.session), [
      { score, of: { class: explanation.target.index } },
    ]),
    input: values,
    map: inputMapOf(explanation, [height, width]),
    scoreName: score,
  };
  const options = { steps: STEPS, batch: BATCH };
  const bare = await openBareForward(net, model);
  const batch = drawInput(BATCH * height * width * 3);
  const passes = 2 * (STEPS + 1);
  const times = await race(
    {
      forwards: async () => {
        for (let i = 0; i < passes; i += BATCH) await bare.run(batch, BATCH);
      },
      metrics: async () => {
        await measureDeletion(subject, options);
        await measureInsertion(subject, options);
      },
    },
    rounds,
  );
  yield {
    what: `deletion and insertion of one map / ${passes} bare forwards in batches of ${BATCH}`,
    net,
    ...compareCosts(times.metrics, times.forwards),
    target: '<= 1.2',
    detail: `${describeTimes(times)}; bare: ${bare.source}`,
  };
  await bare.release();
  model.dispose();
}
