import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../../src/explain/explain.ts';
import { loadModel } from '../../../src/model/model.ts';
import { createLayersEngine } from '../../../src/engines/tfjs-layers/index.ts';
import { expectClose } from '../../helper/closeness.ts';
import { decodeArray } from '../../helper/fixture.ts';
import {
  layersFiles,
  layersInputs,
  layersPicture,
  readLayersExpectation,
  registerSoftGate,
} from '../../helper/layers-fixture.ts';

/** As in `layers-nets.test.ts`. */
const WHOLE_NET = 2e-5;

describe.each(['wasm', 'cpu'] as const)('explain on %s', (backend) => {
  beforeAll(registerSoftGate);

  test.each([
    ['text-line', 'conv2', ['eigen-cam', 'score-cam']],
    ['gated', 'conv3', ['eigen-cam', 'score-cam', 'ablation-cam', 'occlusion']],
  ] as const)(
    '%s: Grad-CAM as by TensorFlow, and methods that run the model',
    async (name, tap, gradientFree) => {
      const methods = ['grad-cam', 'gradient', ...gradientFree];
      const expected = readLayersExpectation(name);
      const engine = await createLayersEngine({ backend });
      const before = tf.memory().numTensors;
      const model = await loadModel(layersFiles(name), { engine, inputRange: '-1..1' });
      const [key] = Object.keys(expected.scores) as [string];
      const target = Number(key.split('@')[1]);
      const { explanations } = await explain(model, layersPicture(expected), {
        methods,
        targets: ['top1', target],
        runs: 4,
      });
      expect(explanations).toHaveLength(2 * methods.length);
      const [first] = explanations;
      expect(first).toMatchObject({ method: 'grad-cam', layer: tap, target: { index: target } });
      const map = expected.maps[`${tap}@${key}`]!;
      expectClose(first!.raw, decodeArray(map), WHOLE_NET, map.scale);
      const pixels = explanations.find(({ method }) => method === 'gradient')!.raw;
      const gradient = decodeArray(expected.gradients[`image@${key}`]!);
      expectClose(pixels, { ...gradient, shape: gradient.shape.slice(1) }, WHOLE_NET);
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
    // Recurrent layers are hundreds of small kernels, slow on a machine that is busy.
    30_000,
  );

  test.each(['captioner', 'captioner-by-gru', 'captioner-from-state'] as const)(
    '%s: the next word after the words before, and the log-probability of one',
    async (name) => {
      const expected = readLayersExpectation(name);
      const engine = await createLayersEngine({ backend });
      const model = await loadModel(layersFiles(name), { engine, inputRange: '-1..1' });
      const [logit, logProbability] = Object.keys(expected.scores) as [string, string];
      const word = Number(logProbability.split('@')[1]);
      const { words } = layersInputs(expected);
      const { explanations } = await explain(model, layersPicture(expected), {
        inputs: { words: words! },
        targets: [
          'top1',
          {
            name: 'log-probability of the word',
            score: ({ probabilities }) => Math.log(probabilities[word]!),
          },
        ],
      });
      [logit, logProbability].forEach((key, i) => {
        const { scale, ...map } = expected.maps[`conv2@${key}`]!;
        expect(explanations[i]!.score).toBeCloseTo(expected.scores[key]!, 4);
        expectClose(explanations[i]!.raw, decodeArray(map), WHOLE_NET, scale);
      });
      await expect(explain(model, layersPicture(expected))).rejects.toThrow(/words \[1, 6\]/);
      model.dispose();
    },
    30_000,
  );

  test('guided backprop is refused, since a ReLU within the layer cannot be guided', async () => {
    const engine = await createLayersEngine({ backend });
    const model = await loadModel(layersFiles('gated'), { engine });
    const image = layersPicture(readLayersExpectation('gated'));
    await expect(explain(model, image, { methods: ['guided-backprop'] })).rejects.toThrow(
      /gate \(SoftGate\).*ReLU policy guided/,
    );
    model.dispose();
  });
});
