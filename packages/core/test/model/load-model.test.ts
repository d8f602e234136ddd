import { describe, expect, test } from 'vitest';
import { describeModel } from '../../src/model/describe-model.ts';
import type { ModelOverrides } from '../../src/model/description.ts';
import { modelFilesInMemory } from '../../src/readers/model-files.ts';
import { resolveLayer } from '../../src/model/model.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { createRandom } from '../helper/random.ts';
import { convolution, residualNet } from '../helper/small-nets.ts';

const artifact = {
  schema: 1,
  id: 'residual',
  architecture: 'residual',
  source: { uri: 'x', format: 'y', sha256: 'z' },
  shards: {},
  input: {
    height: 9,
    width: 7,
    channelOrder: 'bgr',
    scale: 1,
    mean: [1, 2, 3],
    std: [4, 5, 6],
    fit: 'letterbox',
    cropFraction: 1,
    resize: 'bilinear-antialias',
    pad: [7, 8, 9],
  },
  logits: 'predictions/linear',
  endpoints: { block1: 'relu1', deep: 'sum3' },
  defaultEndpoint: 'block1',
  labels: ['a', 'b', 'c', 'd'],
};

function describeNet(overrides: ModelOverrides = {}, block: unknown = artifact) {
  return describeModel(filesOf(residualNet(), block), overrides);
}

describe('a model with our block', () => {
  test('says all itself: nothing is assumed', async () => {
    const model = await describeNet();
    expect(model).toMatchObject({
      id: 'residual',
      input: artifact.input,
      classNames: { labels: ['a', 'b', 'c', 'd'], wnids: [] },
      defaultLayer: 'block1',
      assumptions: [],
    });
  });

  test('what the caller states wins', async () => {
    const model = await describeNet({
      inputRange: '-1..1',
      channelOrder: 'rgb',
      fit: 'squash',
      id: 'mine',
      classNames: { labels: ['x'], wnids: [] },
    });
    expect(model.id).toBe('mine');
    expect(model.classNames.labels).toEqual(['x']);
    expect(model.input).toEqual({
      ...artifact.input,
      channelOrder: 'rgb',
      fit: 'squash',
      scale: 1 / 127.5,
      mean: [1, 1, 1],
      std: [1, 1, 1],
    });
    expect(model.assumptions).toEqual([
      "input range, channel order as stated, instead of what the model's own description says",
    ]);
  });

  test('a broken block is an error, and not a model without one', async () => {
    await expect(describeNet({}, { ...artifact, schema: 9 })).rejects.toMatchObject({
      kind: 'model',
    });
  });
});

describe('a model from elsewhere', () => {
  test('says that an output with a softmax for each place is a map', async () => {
    const random = createRandom(1);
    const segmenting = functionalModel([
      input('image', 4, 6, 3),
      convolution(random, 'conv', [1, 1], 3, 4, { activation: 'relu' }),
      convolution(random, 'parts', [1, 1], 4, 5, { activation: 'softmax' }),
    ]);
    const stated = { inputRange: '0..1', channelOrder: 'rgb', fit: 'squash' } as const;
    const { assumptions } = await describeModel(filesOf(segmenting), stated);
    expect(assumptions).toEqual(['the output parts is a map of 4 x 6 places, 5 classes']);
  });

  test('is read with stated assumptions', async () => {
    const model = await describeModel(filesOf(residualNet()), {});
    expect(model.input).toMatchObject({
      height: 9,
      width: 7,
      scale: 1 / 255,
      mean: [0, 0, 0],
      fit: 'crop',
    });
    expect(model.defaultLayer).toBe('last');
    expect(model.assumptions).toEqual([
      expect.stringContaining('0..1'),
      expect.stringContaining('RGB'),
      expect.stringContaining('cropped'),
    ]);
  });

  test('each statement takes its assumption away', async () => {
    const stated = { inputRange: '0..1', channelOrder: 'rgb', fit: 'crop' } as const;
    expect((await describeModel(filesOf(residualNet()), stated)).assumptions).toEqual([]);
  });

  test('a mean without a range is of pixels 0..255, as the classic nets state it', async () => {
    const { input: found } = await describeModel(filesOf(residualNet()), {
      mean: [103.939, 116.779, 123.68],
    });
    expect(found).toMatchObject({ scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] });
  });

  test.each([{ mean: [1] }, { std: [1, 2] }, { mean: [1, 2, NaN] }])(
    '%j is refused',
    async (overrides) => {
      await expect(describeModel(filesOf(residualNet()), overrides)).rejects.toMatchObject({
        kind: 'argument',
        message: expect.stringContaining('expected three numbers'),
      });
    },
  );

  test('of gray images takes their luma, which is said', async () => {
    const gray = functionalModel([input('x', 8, 8, 1), layer('ReLU', 'relu')]);
    const model = await describeModel(filesOf(gray), { inputRange: '-1..1' });
    expect(model.input).toMatchObject({
      channelOrder: 'gray',
      scale: 1 / 127.5,
      mean: [1],
      std: [1],
    });
    expect(model.assumptions.join()).toContain('0.299 R + 0.587 G + 0.114 B');
    await expect(describeModel(filesOf(gray), { mean: [1, 2, 3] })).rejects.toThrow(
      /mean: expected one number/,
    );
    await expect(describeModel(filesOf(gray), { channelOrder: 'bgr' })).rejects.toThrow(
      /channel order bgr: the model takes one channel/,
    );
  });

  test.each([
    [[64, 64, 5], '5 channels, where a picture has 3 or 1'],
    [[4, 64, 48], '4 channels before height and width, where a picture has 3 or 1'],
    [[12, 8, 8, 3], 'a volume or a film'],
    [[7], '7 numbers'],
  ])('of %s is refused as what it is', async (shape, what) => {
    const odd = functionalModel([input('x', ...shape), layer('ReLU', 'relu')]);
    await expect(describeModel(filesOf(odd))).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining(`[${shape.join(', ')}], ${what}`),
    });
  });
});

describe('broken files', () => {
  const encode = (text: string) => ({ 'model.json': new TextEncoder().encode(text) });
  test.each([
    ['{', 'model', 'not JSON'],
    ['null', 'model', 'no modelTopology'],
    ['{"format":"graph-model","modelTopology":{}}', 'unsupported', 'GraphModel'],
    ['{"modelTopology":{}}', 'model', 'weightsManifest'],
    ['{"modelTopology":{},"weightsManifest":[]}', 'model', 'undefined'],
  ])('%s', async (text, kind, message) => {
    await expect(describeModel(modelFilesInMemory(encode(text)))).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });
});

describe('names of layers', () => {
  test.each([
    ['auto', { layer: 'block1', node: 'relu1' }],
    ['deep', { layer: 'deep', node: 'sum3' }],
    ['sum3', { layer: 'sum3', node: 'sum3' }],
    ['conv1', { layer: 'conv1', node: 'conv1' }],
  ])('%s', async (name, expected) => {
    expect(resolveLayer(await describeNet(), name)).toEqual(expected);
  });

  test('one that is not there lists near ones, endpoints too', async () => {
    const model = await describeNet();
    expect(() => resolveLayer(model, 'dep')).toThrow(
      expect.objectContaining({ kind: 'not-found', candidates: expect.arrayContaining(['deep']) }),
    );
    expect(() => resolveLayer(model, 'toString')).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });

  test('a net of a flattened picture has none, and says what works without one', async () => {
    const units = { units: 2, use_bias: false };
    const kernel = { shape: [784, 2], data: new Float32Array(1568) };
    const layers = [
      input('image', 28, 28),
      layer('Flatten', 'flat'),
      layer('Dense', 'scores', units, { kernel }),
    ];
    const model = await describeModel(filesOf(functionalModel(layers)));
    expect(() => resolveLayer(model, 'auto')).toThrow(
      'has no layer with a spatial output between image and its scores, so there is no map at a layer; methods at the input need none: gradient,',
    );
  });

  test('one that is no image names the recommended', async () => {
    const model = await describeNet();
    expect(() => resolveLayer(model, 'mean')).toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining("'last'") }),
    );
  });
});
