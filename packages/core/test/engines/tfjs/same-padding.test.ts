import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createGraphModelEngine } from '../../../src/engines/graph-model/index.ts';
import { createTfjsEngine } from '../../../src/engines/tfjs/index.ts';
import { loadModel } from '../../../src/model/model.ts';
import { modelFilesInMemory } from '../../../src/readers/model-files.ts';
import { readFixture } from '../../helper/fixture.ts';

interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

/** By TensorFlow (`tools/oracles/same_padding.py`), in whole numbers: engines have to be equal. */
interface SamePaddingCase {
  readonly name: string;
  readonly op: 'conv2d' | 'depthwiseConv2d';
  readonly strides: [number, number];
  readonly image: Numbers;
  readonly kernel: Numbers;
  readonly output: Numbers;
}

const cases = readFixture<SamePaddingCase[]>('same-padding.json');

const toTensor = ({ values, shape }: Numbers): tf.Tensor4D => tf.tensor(values, shape as never);

describe('`same` convolutions whose last window ends before the edge, on wasm', () => {
  beforeAll(async () => {
    // A second engine must not wrap the kernels once more.
    await createTfjsEngine({ backend: 'wasm' });
    await createTfjsEngine({ backend: 'wasm' });
  });

  test.each(cases)('$op, $name', ({ op, strides, image, kernel, output }) => {
    const before = tf.memory().numTensors;
    const [plain, fused] = tf.tidy(() => {
      const x = toTensor(image);
      const filter = toTensor(kernel);
      const settings = { x, filter, strides, pad: 'same' } as const;
      const results =
        op === 'conv2d'
          ? [tf.conv2d(x, filter, strides, 'same'), tf.fused.conv2d(settings)]
          : [
              // As tfjs-layers calls it for a layer without dilations.
              tf.depthwiseConv2d(x, filter, strides, 'same', 'NHWC', null as never),
              tf.fused.depthwiseConv2d(settings),
            ];
      return results.map((result) => ({ shape: result.shape, values: [...result.dataSync()] }));
    });
    expect(plain).toEqual(output);
    expect(fused).toEqual(output);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('a GraphModel with such a convolution has the values of TensorFlow on wasm', async () => {
  const { image, kernel, output, strides } = cases[0]!;
  const engine = await createGraphModelEngine({ backend: 'wasm' });
  const model = await loadModel(graphModelOf(kernel, strides), { engine, inputRange: '0..1' });
  const inputs = { image: { shape: image.shape, data: Float32Array.from(image.values) } };
  const { outputs } = await model.session.run({ inputs, outputs: ['conv'] });
  expect([...outputs.get('conv')!.data]).toEqual(output.values);
  model.dispose();
});

/** A GraphModel [n, 8, 8, 3] -> `conv` -> the mean of each channel. */
function graphModelOf(kernel: Numbers, strides: readonly number[]) {
  const sizes = (list: readonly number[]) => ({ dim: list.map((size) => ({ size: `${size}` })) });
  const integers = (list: readonly number[]) => ({ list: { i: list.map(String) } });
  const constant = (name: string, dtype: string, shape: readonly number[]) => ({
    name,
    op: 'Const',
    attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: sizes(shape) } } },
  });
  const float = { type: 'DT_FLOAT' };
  const node = [
    {
      name: 'image',
      op: 'Placeholder',
      attr: { dtype: float, shape: { shape: sizes([-1, 8, 8, 3]) } },
    },
    constant('kernel', 'DT_FLOAT', kernel.shape),
    {
      name: 'conv',
      op: 'Conv2D',
      input: ['image', 'kernel'],
      attr: {
        T: float,
        strides: integers([1, ...strides, 1]),
        dilations: integers([1, 1, 1, 1]),
        padding: { s: btoa('SAME') },
        data_format: { s: btoa('NHWC') },
      },
    },
    constant('axes', 'DT_INT32', [2]),
    {
      name: 'mean',
      op: 'Mean',
      input: ['conv', 'axes'],
      attr: { T: float, Tidx: { type: 'DT_INT32' }, keep_dims: { b: false } },
    },
  ];
  const weights = [
    { name: 'kernel', shape: kernel.shape, dtype: 'float32' },
    { name: 'axes', shape: [2], dtype: 'int32' },
  ];
  const bytes = new Uint8Array(4 * kernel.values.length + 8);
  bytes.set(new Uint8Array(Float32Array.from(kernel.values).buffer));
  bytes.set(new Uint8Array(Int32Array.of(1, 2).buffer), 4 * kernel.values.length);
  const json = {
    format: 'graph-model',
    modelTopology: { node, library: {}, versions: {} },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
  return modelFilesInMemory({
    'model.json': new TextEncoder().encode(JSON.stringify(json)),
    'weights.bin': bytes,
  });
}
