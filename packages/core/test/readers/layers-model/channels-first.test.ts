import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { explain } from '../../../src/explain/explain.ts';
import { loadModel, type Model } from '../../../src/model/model.ts';
import { expectClose, largestDifference } from '../../helper/closeness.ts';
import { createEngine } from '../../helper/engines.ts';
import { createRandom, randomArray } from '../../helper/random.ts';

/** Two float32 ways through a small net, of the largest value. */
const SAME = 1e-5;
const SIDE = 12;

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine('cpu');
});

type Format = 'channelsFirst' | 'channelsLast';

/** A net with every kind of layer that has its channels somewhere, and a Flatten that keeps their order. */
function buildNet(dataFormat: Format): tfl.LayersModel {
  const isFirst = dataFormat === 'channelsFirst';
  const axis = isFirst ? 1 : 3;
  const image = tfl.input({ shape: isFirst ? [3, SIDE, SIDE] : [SIDE, SIDE, 3] });
  const of = (x: unknown): tfl.SymbolicTensor => x as tfl.SymbolicTensor;
  const { layers } = tfl;
  const conv = (name: string, filters: number, x: tfl.SymbolicTensor): tfl.SymbolicTensor =>
    of(layers.conv2d({ name, filters, kernelSize: 3, padding: 'same', dataFormat }).apply(x));
  const norm = of(layers.batchNormalization({ axis, name: 'norm' }).apply(conv('a', 6, image)));
  const relu = of(layers.activation({ activation: 'relu', name: 'relu' }).apply(norm));
  const beside = conv('b', 6, relu);
  const sum = of(layers.add({ name: 'sum' }).apply([relu, beside]));
  const pooled = of(layers.maxPooling2d({ poolSize: 2, dataFormat }).apply(sum));
  const deep = of(
    layers
      .depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', dataFormat, name: 'deep' })
      .apply(pooled),
  );
  const up = of(layers.upSampling2d({ size: [2, 2], dataFormat }).apply(deep));
  const joined = of(layers.concatenate({ axis, name: 'joined' }).apply([up, pooled]));
  const last = conv('last', 4, joined);
  const flat = of(layers.flatten({ dataFormat }).apply(last));
  const scores = of(layers.dense({ units: 5, activation: 'softmax', name: 'out' }).apply(flat));
  return tfl.model({ inputs: image, outputs: scores });
}

/** Gives every weight drawn values, which are the same for the same net. */
function draw(net: tfl.LayersModel): tfl.LayersModel {
  const random = createRandom(7);
  net.setWeights(
    net.getWeights().map(({ shape }) => {
      const isVector = shape.length === 1;
      const { data } = randomArray(random, shape, isVector ? 0.4 : -0.5, isVector ? 1.2 : 0.5);
      return tf.tensor(data, shape);
    }),
  );
  return net;
}

/** What the net itself says about a picture [1, height, width, 3]. */
function predict(net: tfl.LayersModel, { data, shape }: NdArray, isFirst: boolean): Float32Array {
  return tf.tidy(() => {
    const image = tf.tensor(data, [...shape]);
    const given = isFirst ? tf.transpose(image, [0, 3, 1, 2]) : image;
    return (net.predict(given) as tf.Tensor).dataSync() as Float32Array;
  });
}

async function probabilities(model: Model, image: NdArray): Promise<Float32Array> {
  const [input] = model.network.inputs as [string];
  const output = model.network.heads[0]!.probabilities!;
  const { outputs } = await model.session.run({ inputs: { [input]: image }, outputs: [output] });
  return outputs.get(output)!.data as Float32Array;
}

test('a net with channels first says what plain tfjs says', async () => {
  const net = draw(buildNet('channelsFirst'));
  const image = randomArray(createRandom(3), [1, SIDE, SIDE, 3], 0, 1);
  const model = await loadModel(net, { engine });
  const said = await probabilities(model, image);
  expect(largestDifference(said, predict(net, image, true))).toBeLessThan(SAME);
  model.dispose();
});

/** A net whose layers go along axes that the op set has elsewhere, so that its images are turned back. */
function buildTurnedBack(): tfl.LayersModel {
  const { layers } = tfl;
  const dataFormat = 'channelsFirst';
  const inner = tfl.sequential({
    name: 'inner',
    layers: [
      layers.conv2d({ inputShape: [6, SIDE, SIDE], filters: 3, kernelSize: 3, dataFormat }),
      layers.prelu({ sharedAxes: [2, 3] }),
    ],
  });
  return tfl.sequential({
    layers: [
      layers.conv2d({ inputShape: [3, SIDE, SIDE], filters: 6, kernelSize: 1, dataFormat }),
      layers.activation({ activation: 'softmax' }),
      inner,
      layers.permute({ dims: [1, 3, 2] }),
      layers.flatten({ dataFormat: 'channelsLast' }),
      layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });
}

test('layers along other axes get the images as the model has them', async () => {
  const net = draw(buildTurnedBack());
  const image = randomArray(createRandom(4), [1, SIDE, SIDE, 3], 0, 1);
  const model = await loadModel(net, { engine });
  const said = await probabilities(model, image);
  expect(largestDifference(said, predict(net, image, true))).toBeLessThan(SAME);
  model.dispose();
});

test('an activation along the last axis within a convolution is refused', async () => {
  const net = tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        inputShape: [3, SIDE, SIDE],
        filters: 6,
        kernelSize: 1,
        dataFormat: 'channelsFirst',
        activation: 'softmax',
        name: 'odd',
      }),
    ],
  });
  await expect(loadModel(net, { engine })).rejects.toThrow(
    /layer odd \(Conv2D\): attribute data_format is "channels_first", expected "channels_last"/,
  );
});

test('its maps are those of the same net with channels last', async () => {
  const { data } = randomArray(createRandom(5), [SIDE * SIDE * 3], 0, 255);
  const image = { width: SIDE, height: SIDE, channels: 3, data: Uint8Array.from(data) } as const;
  const formats = ['channelsFirst', 'channelsLast'] as const;
  const [first, last] = await Promise.all(
    formats.map((format) => loadModel(draw(buildNet(format)), { engine })),
  );
  for (const layer of ['relu', 'sum', 'joined', 'last', 'auto']) {
    const options = { methods: ['grad-cam', 'grad-cam++'], layers: [layer] } as const;
    const [a, b] = [await explain(first!, image, options), await explain(last!, image, options)];
    expect(a.explanations).toHaveLength(2);
    a.explanations.forEach((one, i) => {
      const other = b.explanations[i]!;
      expect(one.layer).toBe(other.layer);
      expect(Math.max(...other.raw.data)).toBeGreaterThan(0);
      expectClose(one.raw, other.raw);
    });
  }
  first!.dispose();
  last!.dispose();
});
