import { expect, test } from 'vitest';
import { fixateCrops } from '../../src/explain/fixate-crops.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { loadModel } from '../../src/model/model.ts';
import { array } from '../helper/array.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';

/** Scores are the largest red and the largest green of the picture. */
const net = functionalModel([
  input('image', 28, 28, 3),
  layer('GlobalMaxPooling2D', 'most'),
  layer(
    'Dense',
    'scores',
    { units: 2, use_bias: false },
    {
      kernel: array([
        [1, 0],
        [0, 1],
        [0, 0],
      ]),
    },
  ),
  layer('Activation', 'predictions', { activation: 'softmax' }),
]);

/** Of 40 x 32 pixels: a crop of 28 is the scale 1, and the offsets are 0 or 12 across, 0 or 4 down. */
function picture(bright: readonly (readonly [x: number, y: number, channel: number])[]) {
  const data = new Uint8Array(40 * 32 * 3);
  for (const [x, y, channel] of bright) data[(y * 40 + x) * 3 + channel] = 255;
  return { width: 40, height: 32, channels: 3, data } as const;
}

async function openNet() {
  const engine = await createTfjsEngine({ backend: 'cpu' });
  return loadModel(filesOf(net), { engine, inputRange: '0..1' });
}

test('a pixel that all five crops see is found by all five', async () => {
  const model = await openNet();
  const found = await fixateCrops(model, picture([[20, 16, 0]]));
  model.dispose();
  expect(found.classIndex).toBe(0);
  expect(found.crops).toEqual(
    [
      [0, 0],
      [12, 0],
      [0, 4],
      [12, 4],
      [6, 2],
    ].map(([x, y]) => ({ view: { x, y, width: 28, height: 28 }, isUsed: true })),
  );
  expect(found.points).toEqual([{ x: 20, y: 16, count: 5 }]);
});

test('crops with another best class are left out', async () => {
  const model = await openNet();
  // Green at the left border: the two left crops see both colours, and the first of equal ones is red.
  const found = await fixateCrops(
    model,
    picture([
      [0, 16, 1],
      [20, 16, 0],
    ]),
    { classIndex: 1 },
  );
  const onlyGreen = await fixateCrops(model, picture([[0, 16, 1]]), { classIndex: 1 });
  model.dispose();
  expect(found.crops.some(({ isUsed }) => isUsed)).toBe(false);
  expect(found.points).toEqual([]);
  expect(onlyGreen.crops.map(({ isUsed }) => isUsed)).toEqual([true, false, true, false, false]);
  expect(onlyGreen.points).toEqual([{ x: 0, y: 16, count: 2 }]);
});
