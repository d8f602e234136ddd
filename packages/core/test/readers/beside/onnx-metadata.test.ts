import { describe, expect, test } from 'vitest';
import { encodeModel } from '../../../src/engines/onnx/proto/onnx-model.ts';
import { describeModel } from '../../../src/model/describe-model.ts';
import type { ModelOverrides } from '../../../src/model/description.ts';
import { readOnnxMetadata } from '../../../src/readers/beside/onnx-metadata.ts';
import { modelFilesInMemory } from '../../../src/readers/model-files.ts';
import { floats, node } from '../../helper/hand-made-onnx.ts';

/** A net of three classes whose file has the given properties. */
function describeWith(
  metadata: Readonly<Record<string, string>>,
  {
    shape = ['n', 3, 8, 8],
    others = {},
    overrides = {},
  }: {
    readonly shape?: readonly (number | string)[];
    readonly others?: Readonly<Record<string, unknown>>;
    readonly overrides?: ModelOverrides;
  } = {},
) {
  const channels = Number(shape[1]);
  const bytes = encodeModel({
    name: 'net',
    metadata,
    graph: {
      nodes: [
        node('Conv', ['x', 'kernel'], ['c']),
        node('Relu', ['c'], ['y']),
        node('GlobalAveragePool', ['y'], ['pooled']),
        node('Flatten', ['pooled'], ['flat'], { axis: 1 }),
        node('MatMul', ['flat', 'matrix'], ['scores']),
      ],
      initializers: [floats('kernel', [4, channels, 1, 1]), floats('matrix', [4, 3])],
      inputs: [{ name: 'x', type: 'float32', shape }],
      outputs: [{ name: 'scores', type: 'float32', shape: ['n', 3] }],
    },
  });
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const beside = Object.fromEntries(
    Object.entries(others).map(([name, value]) => [name, encode(value)]),
  );
  return describeModel(modelFilesInMemory({ 'net.onnx': bytes, ...beside }), overrides);
}

describe('the properties that ONNX defines for images', () => {
  test.each([
    ['NominalRange_0_255', { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] }],
    ['Normalized_0_1', { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] }],
    ['Normalized_1_1', { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] }],
  ])('pixels of the range %s in BGR', async (range, pixels) => {
    const model = await describeWith({
      'Image.BitmapPixelFormat': 'Bgr8',
      'Image.NominalPixelRange': range,
      'Image.ColorSpaceGamma': 'SRGB',
    });
    expect(model.input).toMatchObject({ ...pixels, channelOrder: 'bgr' });
    expect(model.readFrom.join()).toMatch(/^net\.onnx: pixels as .*, channels BGR$/);
    expect(model.assumptions.join()).not.toMatch(/pixels are|channels are/);
    expect(model.notUsed).toEqual([]);
  });

  test('whose case does not matter, as ONNX says', async () => {
    const model = await describeWith({
      'image.bitmappixelformat': 'BGR8',
      'IMAGE.NOMINALPIXELRANGE': 'normalized_1_1',
      'Image.ColorSpaceGamma': 'sRGB',
    });
    expect(model.input).toMatchObject({ scale: 1 / 127.5, channelOrder: 'bgr' });
    expect(model.notUsed).toEqual([]);
  });

  test.each(['Rgba8', 'Bgra8'])('%s has a channel too many for three', async (format) => {
    const model = await describeWith({ 'Image.BitmapPixelFormat': format });
    expect(model.notUsed).toEqual([
      `net.onnx: Image.BitmapPixelFormat ${format}; state the channels with --channels`,
    ]);
    expect(model.assumptions.join()).toMatch(/channels are RGB/);
  });

  test('a note repeats the beginning of a long value only', async () => {
    const model = await describeWith({ 'Image.BitmapPixelFormat': 'x'.repeat(1000) });
    expect(model.notUsed).toEqual([
      `net.onnx: Image.BitmapPixelFormat ${'x'.repeat(40)}; state the channels with --channels`,
    ]);
  });

  test('gray pixels of 0..255', async () => {
    const model = await describeWith(
      { 'Image.BitmapPixelFormat': 'Gray8', 'Image.NominalPixelRange': 'NominalRange_0_255' },
      { shape: ['n', 1, 8, 8] },
    );
    expect(model.input).toMatchObject({ scale: 1, mean: [0], std: [1], channelOrder: 'gray' });
  });

  test('what is not understood is named with its flag, and stays a guess', async () => {
    const model = await describeWith({
      'Image.BitmapPixelFormat': 'Yuv',
      'Image.NominalPixelRange': 'NominalRange_16_235',
      'Image.ColorSpaceGamma': 'Linear',
    });
    expect(model.notUsed).toEqual([
      'net.onnx: Image.BitmapPixelFormat Yuv; state the channels with --channels',
      'net.onnx: Image.NominalPixelRange NominalRange_16_235; state the range with --input-range, --mean, --std',
      'net.onnx: Image.ColorSpaceGamma Linear; pictures go in as sRGB',
    ]);
    expect(model.assumptions.join()).toMatch(/pixels are scaled to 0\.\.1.*channels are RGB/);
  });

  test('the caller and gradcam.json win', async () => {
    const properties = {
      'Image.BitmapPixelFormat': 'Bgr8',
      'Image.NominalPixelRange': 'NominalRange_0_255',
    };
    const stated = await describeWith(properties, {
      overrides: { channelOrder: 'rgb', inputRange: '-1..1' },
    });
    expect(stated.input).toMatchObject({ channelOrder: 'rgb', scale: 1 / 127.5 });
    const described = await describeWith(properties, {
      others: { 'gradcam.json': { schema: 1, input: { channelOrder: 'rgb' } } },
    });
    expect(described.input).toMatchObject({ channelOrder: 'rgb', scale: 1 });
  });
});

describe('the properties that Ultralytics writes', () => {
  const names = `{0: 'cat', 1: "dog's", 2: 'a, b'}`;

  test('of a classifier with an open size', async () => {
    const model = await describeWith(
      { stride: '1', task: 'classify', imgsz: '[16, 24]', names },
      { shape: ['n', 3, 'h', 'w'] },
    );
    expect(model.classNames.labels).toEqual(['cat', "dog's", 'a, b']);
    expect(model.input).toMatchObject({
      ...{ height: 16, width: 24, channelOrder: 'rgb', scale: 1 / 255, fit: 'crop' },
    });
    expect(model.assumptions.join()).not.toMatch(/pixels are|channels are|images are cropped/);
  });

  test('of every other task: the whole picture between gray bars', async () => {
    const model = await describeWith({ stride: '32', task: 'detect', names: `['a', 'b', 'c']` });
    expect(model.classNames.labels).toEqual(['a', 'b', 'c']);
    expect(model.input).toMatchObject({ fit: 'letterbox', pad: [114, 114, 114] });
  });

  test('of a classifier of YOLOv5, which states no task: as its classify/predict.py does', async () => {
    const model = await describeWith({ stride: '32', names: `{0: 'a', 1: 'b', 2: 'c'}` });
    expect(model.input).toMatchObject({
      ...{ scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      ...{ channelOrder: 'rgb', fit: 'crop', cropFraction: 1 },
    });
  });

  test('without a task, of outputs other than one vector of scores', () => {
    const properties = new Map(Object.entries({ stride: '32', names: `['a', 'b', 'c']` }));
    for (const rank of [3, undefined]) {
      const [{ input } = {}] = readOnnxMetadata('net.onnx', properties, rank).found;
      expect(input).toMatchObject({
        pixels: { scale: 1 / 255, mean: [0], std: [1] },
        fit: { fit: 'letterbox', pad: [114, 114, 114] },
      });
    }
  });

  test('of RT-DETR: the whole picture squashed, as its predictor does', async () => {
    const model = await describeWith({
      ...{ description: 'Ultralytics rtdetr-l model trained on coco.yaml' },
      ...{ stride: '32', task: 'detect', names: `['a', 'b', 'c']` },
    });
    expect(model.input).toMatchObject({ scale: 1 / 255, fit: 'squash', cropFraction: 1 });
  });

  test('a size in another form is named', async () => {
    const model = await describeWith({ stride: '32', imgsz: '640', names: `['a', 'b', 'c']` });
    expect(model.notUsed).toEqual([
      'net.onnx: its size: imgsz: expected [height, width], found "640"',
    ]);
  });

  test('names that are no names, or too few, are not used', async () => {
    const broken = await describeWith({ stride: '32', names: 'cat' });
    expect(broken.classNames.labels).toEqual([]);
    expect(broken.notUsed.join()).toMatch(/^net\.onnx: its names: /);
    const few = await describeWith({ stride: '32', names: `['a', 'b']` });
    expect(few.notUsed).toEqual(['net.onnx: its 2 names; the model has 3 classes']);
  });

  test('a size beyond all reason is not taken', async () => {
    const model = await describeWith(
      { stride: '32', imgsz: '[999999999, 999999999]', names: `['a', 'b', 'c']` },
      { shape: ['n', 3, 'h', 'w'] },
    );
    expect(model.input).toMatchObject({ height: 224, width: 224 });
    expect(model.notUsed.join()).toMatch(/imgsz/);
  });
});
