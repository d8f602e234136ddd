import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { createTfjsEngine } from '../../../src/engines/tfjs/index.ts';
import { createLayersEngine, layerLibrary } from '../../../src/engines/tfjs-layers/index.ts';
import { functionalModel, input, layer, type LayerSpec } from '../../helper/keras-model.ts';
import {
  layersInputs,
  layersSeeds,
  openLayersNet,
  readLayersExpectation,
} from '../../helper/layers-fixture.ts';
import { expectClose } from '../../helper/closeness.ts';
import { decodeArray } from '../../helper/fixture.ts';

class PoolOfAUser extends tfl.layers.Layer {
  static className = 'PoolOfAUser';
  override computeOutputShape([batch, height, width, channels]: number[]): number[] {
    return [batch!, height! / 2, width! / 2, channels!];
  }
  override call(inputs: tf.Tensor[]): tf.Tensor {
    const [x] = Array.isArray(inputs) ? inputs : [inputs];
    return tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
  }
}

type Registered = Parameters<typeof tf.serialization.registerClass>[0];

function zeros(...shape: number[]): NdArray {
  return { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
}

const image = input('image', 4, 4, 1);
const pooled = functionalModel([
  image,
  layer('PoolOfAUser', 'own'),
  layer('GlobalAveragePooling2D', 'average'),
]);

/** The error of reading a model of these layers. */
function refusal(layers: readonly LayerSpec[], version = '2.15.0'): string {
  const { topology, specs } = functionalModel(layers);
  try {
    readNetwork({ ...topology, keras_version: version }, specs, { library: layerLibrary });
    return 'read';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('what tfjs-layers would compute differently is refused', () => {
  const steps = input('steps', 5, 3);
  const film = input('film', 2, 4, 4, 1);
  const convolution = { filters: 2, kernel_size: 3 };
  test.each([
    ['phased', 3, /phased is 3, which tfjs-layers would ignore/],
    ['time_major', true, /time_major is true, which tfjs-layers would ignore/],
    ['stateful', true, /stateful/],
  ])('ConvLSTM2D with %s', (name, value, message) => {
    const config = { ...convolution, [name]: value };
    expect(refusal([film, layer('ConvLSTM2D', 'rnn', config)])).toMatch(message);
  });

  test('a hard sigmoid that Keras 3 means, but not that of Keras 2', () => {
    const config = { ...convolution, recurrent_activation: 'hard_sigmoid' };
    const lstm = layer('ConvLSTM2D', 'rnn', config);
    expect(refusal([film, lstm], '3.15.1')).toMatch(/another slope in Keras 3/);
    expect(refusal([film, lstm])).toBe('read');
  });

  test('a layer that takes nothing', () => {
    const rnn = { ...layer('ConvLSTM2D', 'rnn', convolution), inputs: [] };
    expect(refusal([film, rnn])).toMatch(/rnn \(ConvLSTM2D\) takes no inputs/);
  });

  test('a class that nobody has registered', () => {
    expect(refusal([steps, layer('Mystery', 'own')])).toMatch(/tf.serialization.registerClass/);
  });
});

describe('engines without tfjs-layers name the layers and the way out', () => {
  test.each(['onnx', 'tfjs'])('%s', async (name) => {
    const { topology, specs, weights } = functionalModel([
      input('film', 2, 4, 4, 1),
      layer(
        'ConvLSTM2D',
        'rnn',
        { filters: 1, kernel_size: 1 },
        {
          kernel: zeros(1, 1, 1, 4),
          recurrent_kernel: zeros(1, 1, 1, 4),
          bias: zeros(4),
        },
      ),
    ]);
    const network = readNetwork(topology, specs, { library: layerLibrary });
    const engine =
      name === 'onnx' ? createOnnxEngine(ort) : await createTfjsEngine({ backend: 'cpu' });
    await expect(engine.open(network, weights)).rejects.toThrow(
      /rnn \(ConvLSTM2D\).*createLayersEngine/,
    );
    expect(() => readNetwork(topology, specs)).toThrow(/ConvLSTM2D.*@gradcam\/core\/layers/);
  });
});

describe('kernels of tfjs that are missing or wrong', () => {
  beforeAll(() => void tf.serialization.registerClass(PoolOfAUser as unknown as Registered));

  test('wasm loses gradients of a max-pool without a word: refused; on cpu it is right', async () => {
    const values = Float32Array.from({ length: 16 }, (_, i) => -1 - ((i * 7) % 16));
    const run = async (backend: 'wasm' | 'cpu') => {
      const engine = await createLayersEngine({ backend });
      const network = readNetwork(pooled.topology, pooled.specs, { library: engine.library! });
      const session = await engine.open(network, pooled.weights);
      const seeds = [{ score: 'logit', of: { class: 0 } }] as const;
      return session.run({
        inputs: { image: { shape: [1, 4, 4, 1], data: values } },
        outputs: [],
        gradient: { seeds, wrt: ['image'], relu: 'plain' },
      });
    };
    await expect(run('wasm')).rejects.toThrow(
      /own \(PoolOfAUser\).*MaxPoolGrad.*wrong on the backend wasm.*use the backend cpu/,
    );
    const { gradients } = await run('cpu');
    // The mean of four maxima: each passes a quarter to the one cell where it stands.
    const found = [...gradients[0]!.get('image')!.data];
    expect(found.filter((value) => value === 0.25)).toHaveLength(4);
    expect(found.filter((value) => value === 0)).toHaveLength(12);
  });

  test('wasm has no gradient of a convolution by tfjs-layers: the layers behind it still explain', async () => {
    const engine = await createLayersEngine({ backend: 'wasm' });
    const expected = readLayersExpectation('frames');
    const session = await openLayersNet('frames', engine);
    const request = { inputs: layersInputs(expected), outputs: [] };
    const seeds = layersSeeds(expected);
    const before = tf.memory().numTensors;
    await expect(
      session.run({ ...request, gradient: { seeds, wrt: ['conv2'], relu: 'plain' } }),
    ).rejects.toMatchObject({ kind: 'unsupported' });
    expect(tf.memory().numTensors).toBe(before);
    const { gradients } = await session.run({
      ...request,
      gradient: { seeds, wrt: ['film'], relu: 'plain' },
    });
    const [key] = Object.keys(expected.scores);
    expectClose(gradients[0]!.get('film'), decodeArray(expected.gradients[`film@${key}`]!), 2e-5);
    session.dispose();
  });
});

describe('requests that such a layer cannot serve', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createLayersEngine({ backend: 'cpu' });
  });

  test('a ReLU policy, since the ReLUs within the layer cannot be seen', async () => {
    const expected = readLayersExpectation('frames');
    const session = await openLayersNet('frames', engine);
    const run = session.run({
      inputs: layersInputs(expected),
      outputs: [],
      gradient: { seeds: layersSeeds(expected), wrt: ['conv2'], relu: 'guided' },
    });
    await expect(run).rejects.toThrow(/film \(ConvLSTM2D\).*ReLU policy guided/);
    session.dispose();
  });

  test('resuming behind the trunk gives the same, with the words given again', async () => {
    const expected = readLayersExpectation('captioner');
    const session = await openLayersNet('captioner', engine);
    const { words } = layersInputs(expected);
    const value = decodeArray(expected.activations['conv2']!);
    const { logits } = await session.run({
      inputs: { words: words! },
      from: { layer: 'conv2', value },
      outputs: [],
    });
    expectClose(logits, decodeArray(expected.logits), 2e-5);
    session.dispose();
  });
});
