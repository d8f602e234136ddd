import { expect, test } from 'vitest';
import { describeModel } from '../../src/model/describe-model.ts';
import type { ModelDescription } from '../../src/model/description.ts';
import { mainHead } from '../../src/network/network.ts';
import { modelFilesInMemory } from '../../src/readers/model-files.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { createRandom, randomArray } from '../helper/random.ts';
import { dense } from '../helper/small-nets.ts';

/** Of an image of 128 pixels, grids of strides 32 and 64 have 16 + 4 cells, as many as there are places. */
const LENGTH = 20;
const WORDS = 42;

const vocabulary = [
  '',
  '[START]',
  '[END]',
  ...Array.from({ length: WORDS - 3 }, (_, i) => `w${i}`),
];
const text = {
  ...{ input: 'caption', vocabulary, length: LENGTH, pad: 'post', lower: true },
  ...{ start: '[START]', end: '[END]', role: 'caption' },
};

/** A net that scores each word at each place, [20, 42], with or without the file that says so. */
async function describeCaptioner(description: object | null): Promise<ModelDescription> {
  const random = createRandom(7);
  const net = functionalModel([
    input('image', 128, 128, 3),
    { ...layer('GlobalAveragePooling2D', 'mean'), inputs: ['image'] },
    dense(random, 'seen', 3, 8),
    layer('Reshape', 'row', { target_shape: [1, 8] }),
    input('caption', LENGTH),
    {
      ...layer(
        'Embedding',
        'words',
        { input_dim: WORDS, output_dim: 8 },
        { embeddings: randomArray(random, [WORDS, 8], -1, 1) },
      ),
      inputs: ['caption'],
    },
    { ...layer('Add', 'sum'), inputs: ['row', 'words'] },
    dense(random, 'scores', 8, WORDS),
  ]);
  const files = filesOf(net);
  const encode = (json: object): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
  const held = {
    'model.json': await files.readFile('model.json'),
    'weights.bin': await files.readFile('weights.bin'),
    ...(description === null ? {} : { 'gradcam.json': encode(description) }),
  };
  return describeModel(modelFilesInMemory(held), { inputRange: '0..1' });
}

test("a caption's scores have the shape of a detector's boxes, and without a description are read as such", async () => {
  const { network, assumptions } = await describeCaptioner(null);
  expect(mainHead(network).shape).toEqual([LENGTH, WORDS]);
  expect(mainHead(network).detector?.layout).toBe('yolov8');
  expect(assumptions.join('\n')).toContain('is read as boxes');
});

test('a model that states that it writes captions has no boxes, and no note about its output', async () => {
  const { network, assumptions } = await describeCaptioner({ schema: 1, text });
  expect(mainHead(network).detector).toBeUndefined();
  expect(assumptions.join('\n')).not.toMatch(/boxes|the output scores/);
});
