import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.ts';
import { loadModel } from '../../src/model/model.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import { array } from '../helper/array.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray } from '../helper/fixture.ts';
import { functionalModel, input, layer, type LayerSpec } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { readNetFixture } from '../helper/net-fixture.ts';
import { createRandom } from '../helper/random.ts';
import { convolution, dense } from '../helper/small-nets.ts';

/** As in the suite of the nets: float32 through a whole net against float64. */
const WHOLE_NET = 2e-5;

const folder = fileURLToPath(new URL('../fixtures/nets/two-inputs', import.meta.url));

/** An image as it goes into the net of 20 x 20 pixels. */
const geometry = {
  image: { width: 20, height: 20 },
  input: { width: 20, height: 20 },
  view: { x: 0, y: 0, width: 20, height: 20 },
};

describe.each(['wasm', 'onnx'] as const)('a model with several inputs on %s', (backend) => {
  test('is explained at the image, the others given, as TensorFlow has it', async () => {
    const { expected, inputs } = await readNetFixture('two-inputs');
    const engine = await createEngine(backend);
    const model = await loadModel(openModelFolder(folder), { engine });
    const [first] = expected.classes as [number];
    const layers = ['conv2_relu', 'conv1_relu'];
    const methods = ['grad-cam', 'hires-cam', 'ablation-cam', 'smoothgrad', 'full-grad', 'rise'];
    const image = { values: inputs['image']!, geometry };
    const { explanations } = await explain(model, image, {
      methods,
      layers,
      targets: [first],
      inputs: { facts: inputs['facts']! },
      runs: 3,
      batch: 2,
    });
    for (const name of layers) {
      const maps = expected.maps[`${name}@${first}`]!;
      const oracle = { 'grad-cam': 'gradCam', 'hires-cam': 'hiResCam' };
      for (const [method, key] of Object.entries(oracle)) {
        const found = explanations.find((one) => one.method === method && one.layer === name)!;
        expectClose(found.raw, decodeArray(maps[key]!), WHOLE_NET, maps.scales[key]);
      }
    }
    for (const { raw } of explanations) expect(raw.data.every(Number.isFinite)).toBe(true);

    await expect(explain(model, image, {})).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('facts [1, 4]'),
    });
    const facts = inputs['facts']!;
    await expect(explain(model, image, { inputs: { fact: facts } })).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining('image, facts'),
    });
    await expect(
      explain(model, image, { inputs: { facts }, imageInput: 'facts' }),
    ).rejects.toMatchObject({ kind: 'argument' });
    await expect(
      explain(model, image, { inputs: { image: inputs['image']! }, imageInput: 'facts' }),
    ).rejects.toMatchObject({ kind: 'argument', message: expect.stringContaining('imageInput') });
    const wrong = { shape: [1, 3], data: new Float32Array(3) };
    await expect(explain(model, image, { inputs: { facts: wrong } })).rejects.toMatchObject({
      kind: 'argument',
      message: expect.stringContaining('facts: expected shape [batch, 4]'),
    });
    model.dispose();
  });
});

/** One body, two heads: three classes of one thing, two of another. */
function twoHeads(outputs: readonly string[]) {
  const random = createRandom(3);
  const layers: LayerSpec[] = [
    input('image', 6, 6, 3),
    convolution(random, 'conv', [3, 3], 3, 4, { activation: 'relu' }),
    layer('GlobalAveragePooling2D', 'mean'),
    { ...dense(random, 'kinds', 4, 3, { activation: 'softmax' }), inputs: ['mean'] },
    { ...dense(random, 'colours', 4, 2), inputs: ['mean'] },
  ];
  return functionalModel(layers, outputs);
}

describe.each(['cpu', 'onnx'] as const)('a model with several outputs on %s', (backend) => {
  const picture = {
    width: 6,
    height: 6,
    channels: 3,
    data: Uint8Array.from({ length: 108 }, (_, i) => (i * 53) % 256),
  } as const;

  test('is explained at the one that is chosen, as a model of that one alone', async () => {
    const engine = await createEngine(backend);
    const files = filesOf(twoHeads(['kinds', 'colours']));
    const classNames = { labels: ['cat', 'dog', 'car'], wnids: [] };
    const both = await loadModel(files, { engine, classNames });
    const alone = await loadModel(filesOf(twoHeads(['colours'])), { engine });
    const options = { methods: ['grad-cam', 'cam', 'gradient', 'occlusion', 'full-grad'], runs: 2 };
    const expected = await explain(alone, picture, { ...options, targets: [1] });
    for (const output of [1, 'colours']) {
      const found = await explain(both, picture, { ...options, targets: [1], output });
      // The names are those of the first output's classes.
      expect(found.predictions).toEqual(expected.predictions);
      found.explanations.forEach((one, i) => {
        expect(one.raw).toEqual(expected.explanations[i]!.raw);
      });
    }
    const first = await explain(both, picture, { targets: ['dog'], output: 'kinds' });
    expect(first.predictions).toHaveLength(3);
    expect(first.explanations[0]!.target).toMatchObject({ index: 1, label: 'dog' });
    await expect(explain(both, picture, { output: 'sizes' })).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining('1 (colours)'),
    });
    both.dispose();
    alone.dispose();
  });
});

test('a model without an image among its inputs is refused', async () => {
  const engine = await createEngine('cpu');
  const model = functionalModel([
    input('facts', 4),
    layer('Dense', 'sum', { units: 1, use_bias: false }, { kernel: array([[1], [1], [1], [1]]) }),
  ]);
  await expect(loadModel(filesOf(model), { engine })).rejects.toMatchObject({
    kind: 'unsupported',
    message: expect.stringContaining('[height, width, 3]'),
  });
});
