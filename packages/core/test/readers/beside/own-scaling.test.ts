import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/explain/explain.ts';
import { loadModel } from '../../../src/model/model.ts';
import { describeModel } from '../../../src/model/describe-model.ts';
import { createTfjsEngine } from '../../../src/engines/tfjs/create-engine.ts';
import { layer, type LayerSpec } from '../../helper/keras-model.ts';
import { array, smallNet } from './small-net.ts';

/** The nets compute a mean of 64 equal numbers in float32. */
const FLOAT32 = 1e-5;

const ones = (value: number) => array([3], [value, value, value]);

const rescaling = (scale: number | number[], offset: number | number[] = 0): LayerSpec =>
  layer('Rescaling', 'rescaling', { scale, offset });

/** As `adapt` leaves it, with its statistics among the weights. */
const adapted = (mean: number, variance: number): LayerSpec =>
  layer(
    'Normalization',
    'normalization',
    { axis: [-1] },
    { mean: ones(mean), variance: ones(variance) },
  );

const batchNorm = (mean: number, variance: number): LayerSpec =>
  layer(
    'BatchNormalization',
    'bn',
    { axis: [3], epsilon: 0 },
    { gamma: ones(2), beta: ones(0), moving_mean: ones(mean), moving_variance: ones(variance) },
  );

describe('what a model does with its own pixels says which it takes', () => {
  test.each<[string, LayerSpec[], number]>([
    // A gray of 51 is 51, 0.2 or -0.6 to the model, and what its layers make of that is computed by hand.
    ['Rescaling(1/255)', [rescaling(1 / 255)], 51 / 255],
    ['Rescaling(1/127.5, -1)', [rescaling(1 / 127.5, -1)], 51 / 127.5 - 1],
    ['Rescaling(1/128, -1)', [rescaling(1 / 128, -1)], 51 / 128 - 1],
    ['an adapted Normalization of 0..255', [adapted(120, 3600)], (51 - 120) / 60],
    ['an adapted Normalization of 0..1', [adapted(0.5, 0.0625)], (0.2 - 0.5) / 0.25],
    [
      'a Normalization with its numbers',
      [
        layer('Normalization', 'n', {
          axis: [-1],
          mean: [123, 116, 103],
          variance: [3364, 3249, 3249],
        }),
      ],
      (51 - 123) / 58,
    ],
    ['a batch normalisation of 0..255', [batchNorm(100, 400)], (2 * (51 - 100)) / 20],
    [
      'Rescaling, then a Normalization',
      [rescaling(1 / 255), adapted(0.5, 0.0625)],
      (51 / 255 - 0.5) / 0.25,
    ],
    ['taking off a mean alone', [rescaling(1, [-123, -116, -103])], 51 - 123],
    ['Rescaling(2, -1), for 0..1', [rescaling(2, -1)], 2 * 0.2 - 1],
    ['Rescaling(255), for 0..1', [rescaling(255)], 255 * 0.2],
    ['Rescaling(0.5, 0.5), for -1..1', [rescaling(0.5, 0.5)], 0.5 * -0.6 + 0.5],
  ])('%s', async (_, first, expected) => {
    const engine = await createTfjsEngine({ backend: 'cpu' });
    const files = smallNet(2, { first });
    const model = await loadModel(files, { engine });
    try {
      const image = {
        width: 8,
        height: 8,
        channels: 3,
        data: new Uint8Array(192).fill(51),
      } as const;
      const { predictions } = await explain(model, image, { methods: ['gradient'] });
      const first = predictions.find(({ index }) => index === 0)!;
      expect(Math.abs(first.logit! - expected)).toBeLessThan(
        FLOAT32 * Math.abs(expected) + FLOAT32,
      );
      expect(model.readFrom).toEqual([expect.stringMatching(/^the model's first layers? \(/)]);
      expect(model.assumptions.join()).not.toContain('pixels are scaled');
    } finally {
      model.dispose();
    }
  });

  test.each<[string, LayerSpec[]]>([
    ['nothing', []],
    ['a layer that changes nothing', [rescaling(1)]],
    // Zero stays zero and nothing grows: pixels of 0..1 and of -1..1 both have it so.
    ['a batch normalisation around zero', [batchNorm(0, 0.25)]],
  ])('%s does not, and 0..1 is assumed, aloud', async (_, first) => {
    const model = await describeModel(smallNet(2, { first }));
    expect(model.input.scale).toBe(1 / 255);
    expect(model.readFrom).toEqual([]);
    expect(model.assumptions.join()).toContain('pixels are scaled to 0..1');
  });

  test('flags win', async () => {
    const files = smallNet(2, { first: [rescaling(1 / 255)] });
    const model = await describeModel(files, { inputRange: '0..1' });
    expect(model.input.scale).toBe(1 / 255);
    expect(model.readFrom).toEqual([]);
  });

  test('where the weights cannot be read, nothing is known of an adapted one', async () => {
    const files = smallNet(2, { first: [adapted(120, 3600)] });
    const model = await describeModel({
      ...files,
      readFile: async (name) => files.readFile(name === 'model.json' ? name : 'nothing.bin'),
    });
    expect(model.input.scale).toBe(1 / 255);
  });
});
