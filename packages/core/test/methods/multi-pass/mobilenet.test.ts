import path from 'node:path';
import { expect, test } from 'vitest';
import { argMax, type NdArray } from '../../../src/base/nd-array.ts';
import { createPredict, forwardPassOf } from '../../../src/methods/passes/forward-pass.ts';
import { computeOcclusion, occlusionMap } from '../../../src/methods/multi-pass/occlusion.ts';
import { computeRise, riseMap } from '../../../src/methods/multi-pass/rise.ts';
import type { Seed } from '../../../src/engines/port/seed.ts';
import { explain } from '../../../src/explain/explain.ts';
import { computeAblationCam } from '../../../src/methods/multi-pass/ablation-cam.ts';
import { computeFinerCam } from '../../../src/methods/multi-pass/finer-cam.ts';
import { computeFullGrad } from '../../../src/methods/multi-pass/full-grad.ts';
import { computeScoreCam } from '../../../src/methods/multi-pass/score-cam.ts';
import { computeSmoothGradCamPlusPlus } from '../../../src/methods/multi-pass/smooth-grad-cam-plus-plus.ts';
import { prepareInput } from '../../../src/image/prepare-input.ts';
import { loadModel } from '../../../src/model/model.ts';
import { openModelFolder, readImage } from '../../../src/node/index.ts';
import { expectClose, FLOAT32_SUMS } from '../../helper/closeness.ts';
import { createEngine } from '../../helper/engines.ts';
import { findShared } from '../../helper/shared-data.ts';

const data = findShared('data', 'mobilenet_v1_0.25_224') && findShared('data');

/** Boxer and tiger cat. */
const seeds: readonly Seed[] = [242, 282].map((index) => ({
  score: 'logit',
  of: { class: index },
}));

/** The dog stands in the upper half of the photo, the cat lies in the lower one. */
function expectApart(method: string, [dog, cat]: readonly NdArray[]): void {
  const places = { dog: placeOfPeak(dog!), cat: placeOfPeak(cat!) };
  expect(places.dog, `${method}: dog`).toBeLessThan(0.5);
  expect(places.cat, `${method}: cat`).toBeGreaterThan(0.5);
}

/** Centre of the peak's row, 0 at the top and 1 at the bottom. */
function placeOfPeak({ shape, data }: NdArray): number {
  const [rows, columns] = shape as [number, number];
  return (Math.floor(argMax(data) / columns) + 0.5) / rows;
}

/** A map [h, w, 3] by the sum of magnitudes in each pixel. */
function withoutColours({ shape, data }: NdArray): NdArray {
  const [rows, columns, channels] = shape as [number, number, number];
  const sums = new Float32Array(rows * columns);
  data.forEach((value, i) => (sums[Math.floor(i / channels)]! += Math.abs(value)));
  return { shape: [rows, columns], data: sums };
}

test.skipIf(data === null)(
  'the real MobileNet: methods separate dog and cat',
  async () => {
    const engine = await createEngine('onnx');
    const folder = openModelFolder(path.join(data!, 'mobilenet_v1_0.25_224'));
    const model = await loadModel(folder, { engine, inputRange: '-1..1' });
    const image = await readImage(path.join(data!, 'images', 'cat_dog.png'));
    const input = prepareInput(image, model.input).values;
    const { session } = model;
    const pass = forwardPassOf(session);
    const predict = createPredict(pass, seeds);
    const at = { layer: 'conv_pw_13_relu', seeds };

    const ablation = await computeAblationCam(session, input, at);
    expect(ablation.closedForm).toBe(true);
    expectApart('ablation-cam', ablation.maps);
    const replayed = await computeAblationCam(session, input, { ...at, tail: 'replay' });
    replayed.maps.forEach((map, s) => {
      // Differences of logits of about 10 over scores of about 10, summed over 256 channels.
      expectClose(map, ablation.maps[s]!, FLOAT32_SUMS * 30);
    });

    const finer = await computeFinerCam(session, input, at);
    expectApart(
      'finer-cam',
      finer.map(({ map }) => map),
    );
    // Bounded ReLUs, batch normalisations and a head that is a convolution: all terms sum to the logit.
    for (const { biasTerms, inputTerm, completenessError } of await computeFullGrad(
      session,
      input,
      {
        seeds,
      },
    )) {
      const terms = [inputTerm, ...biasTerms.map(({ values }) => values)];
      const size = terms.reduce(
        (sum, { data }) => data.reduce((all, value) => all + Math.abs(value), sum),
        0,
      );
      expect(Math.abs(completenessError) / size).toBeLessThan(FLOAT32_SUMS * 30);
    }
    expectApart('score-cam', (await computeScoreCam(pass, input, { ...at, channels: 64 })).maps);
    const smooth = await computeSmoothGradCamPlusPlus(session, input, { ...at, samples: 5 });
    expectApart(
      'smooth-grad-cam-plus-plus',
      smooth.map(({ map }) => map),
    );
    const windows = { patch: [64, 64], stride: [32, 32] } as const;
    const occlusion = await computeOcclusion(predict, input, windows);
    expectApart(
      'occlusion',
      [0, 1].map((score) => occlusionMap(occlusion, score)),
    );
    const rise = await computeRise(predict, input, { masks: 200 });
    expectApart(
      'rise',
      [0, 1].map((score) => riseMap(rise, score)),
    );
    const { explanations } = await explain(model, image, {
      methods: ['guided-grad-cam'],
      targets: [242, 282],
    });
    expectApart(
      'guided-grad-cam',
      explanations.map(({ raw }) => withoutColours(raw)),
    );
    model.dispose();
  },
  120_000,
);
