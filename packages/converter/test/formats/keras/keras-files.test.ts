import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { convertKeras } from '../../../src/artifact/convert-keras.ts';
import { createMemoryFolder, createMemorySource } from '../../../src/bytes/source.ts';
import { isKerasModel } from '../../../src/formats/keras/read-keras.ts';
import { readNpy } from '../../../src/formats/npy/read-npy.ts';
import { openWeights } from '../../../src/formats/open-weights.ts';
import { readFloat32Chunks } from '../../../src/tensors/to-float32.ts';
import {
  decodeFloats,
  describeTensors,
  readFixture,
  readFixtureJson,
} from '../../support/fixtures.ts';
import { loadModel, measureError } from '../../support/load-model.ts';
import { createMemorySink, type MemorySink } from '../../support/memory-sink.ts';
import { describeWithSharedData, sharedData } from '../../support/shared-data.ts';

interface Expected {
  readonly picture: { readonly shape: readonly number[]; readonly uint8: string };
  readonly nets: Readonly<Record<string, { readonly logits: { readonly float32: string } }>>;
}

const { picture, nets } = readFixtureJson<Expected>('keras/expected.json');

/**
 * tfjs on the processor and TensorFlow sum in another order. The probabilities of these nets of at most ten
 * layers differ by less than 2e-7.
 */
const TOLERANCE = 2e-6;

function open(name: string) {
  return openWeights(createMemoryFolder(new Map([[name, readFixture(`keras/${name}`)]])), name);
}

function convert(name: string) {
  return convertBytes(name, readFixture(`keras/${name}`));
}

async function convertBytes(name: string, bytes: Uint8Array) {
  const file = await openWeights(createMemoryFolder(new Map([[name, bytes]])), name);
  if (!isKerasModel(file)) throw new Error(`${name} is no whole model`);
  const sink = createMemorySink();
  const digests = { sha256: '', conversion: '' };
  return { sink, report: await convertKeras({ file, sink, source: { uri: name, digests } }) };
}

/** The picture of the fixtures, as 0..1. */
const pixels = Float32Array.from(Buffer.from(picture.uint8, 'base64'), (value) => value / 255);

/** The output for one input, by plain tfjs. */
async function predict(
  sink: MemorySink,
  values: Float32Array = pixels,
  shape: readonly number[] = [1, ...picture.shape],
): Promise<Float32Array> {
  const model = await loadModel(sink);
  const found = tf.tidy(() => {
    const output = model.predict(tf.tensor(values, [...shape])) as tf.Tensor;
    return output.dataSync<'float32'>().slice();
  });
  model.dispose();
  return found;
}

function softmax(logits: Float32Array): Float32Array {
  const powers = logits.map((value) => Math.exp(value - Math.max(...logits)));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

describe('models of Keras, in plain tfjs, against TensorFlow', () => {
  test.each([
    ['sequential', 'sequential.keras'],
    ['sequential', 'sequential.h5'],
    ['sequential', 'sequential.keras2.h5'],
    ['sequential', 'sequential.keras213.keras'],
    ['sequential', 'sequential.packed.h5'],
    ['nested', 'nested.keras'],
    ['nested', 'nested.h5'],
    ['nested', 'nested.keras2.h5'],
    ['nested', 'nested.keras213.keras'],
    ['nested', 'nested.renamed.h5'],
    ['keras1', 'keras1.h5'],
    ['keras1', 'keras1.latest.h5'],
  ])('%s: %s', async (net, name) => {
    const { sink, report } = await convert(name);
    expect(report.notes).toEqual([]);
    const expected = softmax(decodeFloats(nets[net]!.logits.float32));
    const found = await predict(sink);
    expect(measureError(found, expected)).toBeLessThan(TOLERANCE);
  });

  test.each(['sequential', 'branches', 'nested'])(
    '%s: every file has the same weights under the same names',
    async (net) => {
      const expected = await describeTensors((await open(`${net}.keras`)).tensors);
      const others = {
        sequential: ['h5', 'keras2.h5', 'keras213.keras', 'packed.h5'],
        branches: ['h5'],
        nested: ['h5', 'keras2.h5', 'keras213.keras', 'renamed.h5'],
      }[net]!;
      for (const form of others) {
        const { tensors } = await open(`${net}.${form}`);
        expect(await describeTensors(tensors), form).toEqual(expected);
      }
    },
  );

  test.each(['branches.keras', 'branches.h5'])('%s: says what plain tfjs lacks', async (name) => {
    const { report } = await convert(name);
    expect(report.notes?.join('\n')).toMatch(/groups 2; .*GroupNormalization; .*multiply/);
  });

  test('without a model, a file lists its tensors by their paths', async () => {
    const file = await open('alone.weights.h5');
    expect(isKerasModel(file)).toBe(false);
    // Keras 3 writes both files of one net alike, so these are the tensors of the whole model.
    const whole = await describeTensors((await open('sequential.keras')).tensors);
    const alone = await describeTensors(file.tensors);
    expect(alone['layers/conv2d/vars/0']).toEqual(whole['conv2d/kernel']);
    expect(alone['layers/dense_1/vars/1']).toEqual(whole['dense_1/bias']);
    expect(Object.keys(alone)).toHaveLength(Object.keys(whole).length);
  });
});

/** What a file of the real data was written from and read as. */
const real = [
  ['h5/AkanimohOD19A-digit-recognizer.github.io', 'digit-recognizer-model.h5'],
  ['h5/ThiruvarankanM-FashionMNIST-CNN', 'fashion_mnist_model.h5'],
  ['keras/07subhadip-CNN_Project_MNIST_TFJS', 'Subhadip_Hensh_MNIST_CNN.keras'],
  ['keras/ALbaghdadi-Eye_State_detection', 'model.keras'],
  ['keras/Owuor7-cifar-10', 'cnn_model.keras'],
] as const;

describeWithSharedData('models of others, in plain tfjs, against Keras', () => {
  test.each(real)('%s/%s', async (folder, name) => {
    const place = join(sharedData, 'models', folder);
    const bytes = new Uint8Array(readFileSync(join(place, name)));
    const { sink } = await convertBytes(name, bytes);
    const [image, output] = await Promise.all(
      ['oracle-in.npy', 'oracle-out.npy'].map(async (file) => {
        const source = createMemorySource(file, new Uint8Array(readFileSync(join(place, file))));
        const [tensor] = (await readNpy(source)).tensors;
        const parts: Uint8Array[] = [];
        for await (const part of readFloat32Chunks(tensor!)) parts.push(part);
        const joined = new Uint8Array(Buffer.concat(parts));
        return { shape: tensor!.shape, values: new Float32Array(joined.buffer) };
      }),
    );
    const found = await predict(sink, image!.values, image!.shape);
    const largest = Math.max(...found.map((value, i) => Math.abs(value - output!.values[i]!)));
    expect(found).toHaveLength(output!.values.length);
    // All outputs are probabilities.
    expect(largest).toBeLessThan(1e-5);
  });
});
