import { execFileSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { explain, loadModel, prepareInput, resolveLayer } from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from '../../packages/core/test/browser/helper/chromium.ts';
import {
  pageEngines,
  startPage,
  type PageEngine,
} from '../../packages/core/test/browser/helper/start-page.ts';
import { camScale, largestDifference } from '../../packages/core/test/helper/closeness.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Of the largest sum_k |w_k A_k| over the cells; two right float32 engines differ by about 1e-6. */
const MAP_TOLERANCE = 1e-4;

/** Of the logits' range, for the same reason. */
const LOGIT_TOLERANCE = 1e-4;

const targets = ['cat', 'dog'];

const engines = Object.entries(pageEngines).filter(
  ([name, { engine }]) => engine !== 'webgpu' && !name.includes('isolated page'),
);

/** Everything that a page does, from URLs to maps, against the same in Node on ONNX Runtime. */
describe.skipIf(skipWithoutChromium())('the demo net in Chromium', () => {
  let started: Awaited<ReturnType<typeof startPage>>;
  let here: Awaited<ReturnType<typeof explainInNode>>;

  beforeAll(async () => {
    started = await startPage();
    const model = path.join(started.files, 'model');
    const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
    const weights = path.join(root, 'demo/weights/demo-resnet.tar.gz');
    const convert = ['convert', weights, '--arch', 'demo-resnet', '--out', model, '--quiet'];
    execFileSync(process.execPath, [command, ...convert], { stdio: 'pipe' });
    const image = path.join(started.files, 'scene.png');
    await copyFile(path.join(root, 'demo/scenes/cat-and-dog.png'), image);
    here = await explainInNode(model, image);
  }, 180_000);
  afterAll(() => started?.close());

  test.each(engines)('%s', { timeout: 120_000 }, async (_, engine: PageEngine) => {
    const { call, page } = await started.open(engine);
    const there = await call('explainUrl', '/files/model', '/files/scene.png', { targets });
    await page.close();
    expect(there.tensorsLeft).toBe(0);
    const logits = here.predictions.map(({ logit }) => logit);
    const found = here.predictions.map(
      ({ index }) => there.predictions.find((one) => one.index === index)?.logit ?? NaN,
    );
    const range = Math.max(...logits) - Math.min(...logits);
    const errors = here.maps.map(({ data, scale }, i) =>
      largestDifference(there.maps[i]!.data, data, scale),
    );
    const logitError = largestDifference(found, logits, range);
    expect(logitError).toBeLessThanOrEqual(LOGIT_TOLERANCE);
    expect(errors).toHaveLength(targets.length);
    for (const error of errors) expect(error).toBeLessThanOrEqual(MAP_TOLERANCE);
  });
});

async function explainInNode(folder: string, file: string) {
  const model = await loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });
  const { predictions, explanations } = await explain(model, await readImage(file), { targets });
  const { node } = resolveLayer(model, 'auto');
  const { values } = prepareInput(await readImage(file), model.input);
  const seeds = explanations.map(
    ({ target }) => ({ score: 'logit', of: { class: target.index } }) as const,
  );
  const { outputs, gradients } = await model.session.run({
    inputs: { [model.network.inputs[0]!]: values },
    outputs: [node],
    gradient: { seeds, wrt: [node], relu: 'plain' },
  });
  model.dispose();
  const activations = outputs.get(node)!;
  const channels = activations.shape.at(-1)!;
  const cells = activations.data.length / channels;
  const maps = explanations.map(({ raw }, i) => {
    const { data } = gradients[i]!.get(node)!;
    const weights = Array.from({ length: channels }, (_, k) => {
      let sum = 0;
      for (let cell = 0; cell < cells; cell++) sum += data[cell * channels + k]!;
      return sum / cells;
    });
    return { data: raw.data, scale: camScale(activations, (_, k) => weights[k]!) };
  });
  return { predictions, maps };
}
