import '@tensorflow/tfjs-backend-cpu';
import * as layers from '@tensorflow/tfjs-layers';
import { dispose, serialization, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { TFJS_LAYERS } from '../../../src/formats/keras/plain-tfjs.ts';
import { writePlainTopology } from '../../../src/formats/keras/plain-topology.ts';

test('the layers that plain tfjs has are those that it registers', () => {
  const { classNameMap } = serialization.SerializationMap.getMap();
  const registered = Object.entries(classNameMap)
    .filter(
      ([, [type]]) => (type as { prototype: unknown }).prototype instanceof layers.layers.Layer,
    )
    .map(([name]) => name)
    .filter((name) => !name.endsWith('Cell') && !name.endsWith('Cells'));
  const models = ['Model', 'Functional', 'Sequential'];
  expect([...TFJS_LAYERS].sort()).toEqual(
    registered.filter((name) => !models.includes(name)).sort(),
  );
});

const record = (className: string, name: string, config: object = {}) => ({
  class_name: className,
  config: { name, ...config },
});
const image = record('InputLayer', 'image', { batch_input_shape: [null, 4, 4, 3] });
const dense = record('Dense', 'dense', { units: 2 });
const pool = record('GlobalAveragePooling2D', 'pool');
const flatten = record('Flatten', 'flatten');
const inner = {
  class_name: 'Sequential',
  config: { name: 'inner', layers: [image, record('GlobalMaxPooling2D', 'inner_pool')] },
};

/** Calls a layer of a Functional model, in the words of Keras 2. */
const called = (layer: { config: object }, ...sources: string[]) => ({
  ...layer,
  name: (layer.config as { name: string }).name,
  inbound_nodes: sources.length === 0 ? [] : [sources.map((name) => [name, 0, 0, {}])],
});

test.each([
  ['an image', [image, flatten]],
  ['an image, and again', [image, flatten, record('Flatten', 'again')]],
  ['a pooled image', [image, pool, flatten]],
  [
    'a dense layer behind dropout',
    [image, pool, dense, record('Dropout', 'drop', { rate: 0.5 }), flatten],
  ],
  ['the scores of places', [image, dense, flatten]],
  [
    'reshaped features',
    [image, pool, record('Reshape', 'reshape', { target_shape: [3, 1] }), flatten],
  ],
  ['features of a model', [inner, flatten]],
  ['numbers', [record('InputLayer', 'numbers', { batch_input_shape: [null, 5] }), flatten]],
])('Flatten of %s: said to be refused if tfjs refuses it', async (_, list) => {
  const model = { class_name: 'Sequential', config: { name: 'net', layers: list } };
  await expectSaid(model, 'Flatten');
});

test.each<[string, string, string[]]>([
  ['joined features', 'Concatenate', ['pool', 'pool_2']],
  ['joined images', 'Concatenate', ['image', 'image']],
])('Flatten of %s, in a Functional model', async (_, className, sources) => {
  const layers = [
    called(image),
    called(pool, 'image'),
    called(record('GlobalMaxPooling2D', 'pool_2'), 'image'),
    called(record(className, 'joined'), ...sources),
    called(flatten, 'joined'),
  ];
  const ends = { input_layers: [['image', 0, 0]], output_layers: [['flatten', 0, 0]] };
  const model = { class_name: 'Functional', config: { name: 'net', layers, ...ends } };
  await expectSaid(model, 'Flatten');
});

/** The row 0, 1 enlarged to four pixels as Keras does: centres at -1/4, 1/4, 3/4, 5/4, clamped at the edges. */
const enlarged = { nearest: [0, 0, 1, 1], bilinear: [0, 0.25, 0.75, 1] };

test.each(['nearest', 'bilinear'] as const)(
  'UpSampling2D, %s: said to differ if tfjs takes other places than Keras',
  async (interpolation) => {
    const row = record('InputLayer', 'row', { batch_input_shape: [null, 1, 2, 1] });
    const larger = record('UpSampling2D', 'larger', { size: [1, 2], interpolation });
    const given = { class_name: 'Sequential', config: { name: 'net', layers: [row, larger] } };
    const { topology, lacks } = writePlainTopology(given, '2.15.0', 'net.h5');
    const model = await layers.loadLayersModel({
      load: () => Promise.resolve({ modelTopology: topology }),
    });
    const [input, expected] = [tensor([0, 1], [1, 1, 2, 1]), enlarged[interpolation]];
    const output = model.predict(input) as Tensor;
    const isOther = (await output.data()).some((value, i) => value !== expected[i]);
    dispose([input, output]);
    model.dispose();
    expect(isOther).toBe(interpolation === 'bilinear');
    expect(lacks).toEqual(isOther ? ["larger: Keras's bilinear interpolation"] : []);
  },
);

/** Compares what is said to be refused with what tfjs does. */
async function expectSaid(model: object, what: string): Promise<void> {
  const { topology, lacks } = writePlainTopology({ ...model }, '2.15.0', 'net.h5');
  const load = (): Promise<unknown> =>
    layers.loadLayersModel({ load: () => Promise.resolve({ modelTopology: topology }) });
  const isRefused = await load().then(
    () => false,
    () => true,
  );
  expect(lacks.some((line) => line.includes(what))).toBe(isRefused);
  expect(lacks.length > 0).toBe(isRefused);
}
