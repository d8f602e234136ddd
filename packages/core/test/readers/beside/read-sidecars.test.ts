import { describe, expect, test } from 'vitest';
import { describeModel } from '../../../src/model/describe-model.ts';
import type { ModelOverrides } from '../../../src/model/description.ts';
import { modelFilesInMemory } from '../../../src/readers/model-files.ts';
import { MAX_SIDECAR_BYTES } from '../../../src/readers/beside/read-sidecars.ts';
import { beside, smallNet } from './small-net.ts';

/** ImageNet's mean and deviation, for pixels of 0..1. */
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

const names = ['cat', 'dog', 'bird'];

function describeNet(
  others: Parameters<typeof beside>[1],
  overrides: ModelOverrides = {},
  size: readonly (number | null)[] = [8, 8],
) {
  return describeModel(beside(smallNet(3, { size }), others), overrides);
}

/** No line says that something was guessed of the input. */
function guessesOf(assumptions: readonly string[]): readonly string[] {
  return assumptions.filter((line) => /pixels are|channels are|images are cropped/.test(line));
}

describe('what programs write beside a model', () => {
  test('Teachable Machine: names, size, p / 127 - 1 as its library has it, the square in the middle', async () => {
    const model = await describeNet({
      'metadata.json': {
        tfjsVersion: '1.7.4',
        packageName: '@teachablemachine/image',
        labels: names,
        imageSize: 8,
      },
    });
    expect(model.classNames.labels).toEqual(names);
    expect(model.input).toMatchObject({
      ...{ scale: 1 / 127, mean: [1, 1, 1], std: [1, 1, 1] },
      ...{ channelOrder: 'rgb', fit: 'crop', cropFraction: 1 },
    });
    expect(guessesOf(model.assumptions)).toEqual([]);
    expect(model.readFrom).toEqual([
      'metadata.json: 3 class names, 8x8, pixels as -1..1.008, channels RGB, the square in the middle',
    ]);
  });

  test('Teachable Machine without imageSize: 224, for a model that leaves its size open', async () => {
    const old = { tfjsVersion: '1.3.1', labels: names };
    const model = await describeNet({ 'metadata.json': old }, {}, [null, null]);
    expect(model.input).toMatchObject({ height: 224, width: 224 });
  });

  test.each<[string, object, RegExp]>([
    [
      'sounds, by their package',
      { packageName: '@teachablemachine/audio', labels: names, tfjsVersion: '1.3.1' },
      /^metadata\.json says that this is a model of sounds .* spectrogram; only models of images/,
    ],
    [
      'sounds, as they are exported',
      { tfjsSpeechCommandsVersion: '0.4.0', modelName: 'TMv2', wordLabels: names },
      /a model of sounds/,
    ],
    [
      'poses',
      { packageName: '@teachablemachine/pose', labels: names, tfjsVersion: '1.7.4' },
      /a model of poses, whose input are numbers that PoseNet computes/,
    ],
  ])("Teachable Machine's models of %s are refused", async (_, metadata, message) => {
    await expect(describeNet({ 'metadata.json': metadata })).rejects.toThrow(message);
  });

  test('Hugging Face: (p * rescale - mean) / std, the crop as share of the short side', async () => {
    const model = await describeNet({
      'config.json': { model_type: 'resnet', id2label: { 0: 'cat', 1: 'dog', 2: 'bird' } },
      'preprocessor_config.json': {
        ...{ do_resize: true, size: { shortest_edge: 10 }, resample: 2 },
        ...{ do_center_crop: true, crop_size: { height: 8, width: 8 } },
        ...{ do_rescale: true, rescale_factor: 1 / 255 },
        ...{ do_normalize: true, image_mean: MEAN, image_std: STD },
      },
    });
    expect(model.classNames.labels).toEqual(names);
    expect(model.input).toMatchObject({
      ...{ scale: 1 / 255, mean: MEAN, std: STD },
      ...{ channelOrder: 'rgb', fit: 'crop', cropFraction: 0.8 },
    });
    expect(guessesOf(model.assumptions)).toEqual([]);
    expect(model.readFrom).toHaveLength(2);
  });

  test.each([
    ['a ViT squashes', { size: 8 }, 'ViTFeatureExtractor', { fit: 'squash' }],
    ['so does one with height and width', { size: { height: 8, width: 8 } }, '', { fit: 'squash' }],
    [
      'ConvNeXt cuts by its share',
      { size: { shortest_edge: 8 }, crop_pct: 0.9 },
      'ConvNextImageProcessor',
      { fit: 'crop', cropFraction: 0.9 },
    ],
    [
      'by 224 / 256 where it states none',
      { size: { shortest_edge: 8 } },
      'ConvNextFeatureExtractor',
      { fit: 'crop', cropFraction: 0.875 },
    ],
    [
      'LeViT enlarges the size by 256 / 224, whole pixels',
      { size: { shortest_edge: 8 }, do_center_crop: true, crop_size: { height: 8, width: 8 } },
      'LevitImageProcessor',
      { fit: 'crop', cropFraction: 8 / 9 },
    ],
  ])('Hugging Face: %s', async (_, fields, kind, expected) => {
    const model = await describeNet({
      'preprocessor_config.json': { ...fields, image_processor_type: kind },
    });
    expect(model.input).toMatchObject(expected);
  });

  test('Hugging Face: steps that are switched off', async () => {
    const off = { size: 8, do_rescale: true, rescale_factor: 1 / 127.5, do_normalize: false };
    const { input } = await describeNet({ 'preprocessor_config.json': off });
    expect(input).toMatchObject({ scale: 1 / 127.5, mean: [0, 0, 0], std: [1, 1, 1] });
    const raw = { size: 8, do_rescale: false, do_normalize: false };
    const model = await describeNet({ 'preprocessor_config.json': raw });
    expect(model.input).toMatchObject({ scale: 1, mean: [0, 0, 0], std: [1, 1, 1] });
  });

  test('Hugging Face: channels that are turned have their numbers turned too', async () => {
    const flipped = { size: 8, do_flip_channel_order: true, image_mean: MEAN, image_std: STD };
    const { input } = await describeNet({ 'preprocessor_config.json': flipped });
    expect(input).toMatchObject({
      ...{ channelOrder: 'bgr', mean: [0.406, 0.456, 0.485], std: [0.225, 0.224, 0.229] },
    });
  });

  test("Hugging Face: EfficientNet's second division and offset, (p / 127.5 - 1 - mean) / std / std", async () => {
    const { input } = await describeNet({
      'preprocessor_config.json': {
        ...{ image_processor_type: 'EfficientNetImageProcessor', size: { height: 8, width: 8 } },
        ...{ rescale_factor: 1 / 127.5, rescale_offset: true, include_top: true },
        ...{ do_normalize: true, image_mean: [0.25, 0.5, 0], image_std: [0.5, 0.25, 1] },
      },
    });
    expect(input).toMatchObject({ mean: [1.25, 1.5, 1], std: [0.25, 0.0625, 1] });
  });

  test('Hugging Face: LABEL_0, .. are no names', async () => {
    const config = { model_type: 'vit', id2label: { 0: 'LABEL_0', 1: 'LABEL_1', 2: 'LABEL_2' } };
    const model = await describeNet({ 'config.json': config });
    expect(model.classNames.labels).toEqual([]);
    expect(model.readFrom).toEqual([]);
  });

  test('timm: (p / 255 - mean) / std and the middle by crop_pct', async () => {
    const model = await describeNet({
      'config.json': {
        architecture: 'resnet18',
        num_classes: 3,
        label_names: names,
        pretrained_cfg: {
          ...{ input_size: [3, 8, 8], mean: MEAN, std: STD, crop_pct: 0.95 },
          ...{ interpolation: 'bicubic', crop_mode: 'center' },
        },
      },
    });
    expect(model.classNames.labels).toEqual(names);
    expect(model.input).toMatchObject({
      ...{ scale: 1 / 255, mean: MEAN, std: STD, fit: 'crop', cropFraction: 0.95 },
    });
    expect(model.input.resize).toBe('bicubic-antialias');
    expect(model.notUsed).toEqual([]);
    const nearest = { architecture: 'a', input_size: [3, 8, 8], mean: MEAN, std: STD };
    const other = await describeNet({ 'config.json': { ...nearest, interpolation: 'nearest' } });
    expect(other.notUsed).toEqual([
      'config.json: nearest resizing; images are resized bilinearly here',
    ]);
  });

  test('timm: fields of early files, its own crop where none is stated, bars in the mean', async () => {
    const early = { architecture: 'a', input_size: [3, 8, 8], mean: MEAN, std: STD };
    const first = await describeNet({ 'config.json': early });
    expect(first.input).toMatchObject({ fit: 'crop', cropFraction: 0.875 });
    const bars = { ...early, crop_pct: 1, crop_mode: 'border', mean: [0.5, 0.25, 0] };
    const second = await describeNet({
      'config.json': { architecture: 'a', pretrained_cfg: bars },
    });
    expect(second.input).toMatchObject({ fit: 'letterbox', pad: [128, 64, 0] });
  });

  test('Custom Vision: pixels as they are, BGR, the square in the middle, names in labels.txt', async () => {
    const model = await describeNet({
      'cvexport.manifest': { DomainType: 'Classification', Platform: 'TensorFlow' },
      'labels.txt': 'cat\r\ndog\r\nbird\r\n',
    });
    expect(model.input).toMatchObject({
      ...{ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channelOrder: 'bgr', fit: 'crop' },
    });
    expect(model.classNames.labels).toEqual(names);
    expect(model.readFrom).toHaveLength(2);
  });

  test('AutoML Vision: names and p / 127.5 - 1', async () => {
    const model = await describeNet({ 'dict.txt': 'cat\ndog\nbird' });
    expect(model.classNames.labels).toEqual(names);
    expect(model.input).toMatchObject({ scale: 1 / 127.5, mean: [1, 1, 1] });
  });

  test.each([
    ['labels.txt', '0 cat\n1 dog\n2 bird'],
    ['classes.txt', 'cat\ndog\nbird\n'],
    ['class_names.json', '["cat","dog","bird"]'],
    ['class_indices.json', '{"bird":2,"cat":0,"dog":1}'],
    ['synset.txt', 'n01440764 cat\nn02108089 dog\nn02108090 bird'],
    ['labels.js', "const labels = ['cat', 'dog', 'bird'];\nmodule.exports = labels;"],
    ['imagenet_classes.js', 'export const C = {0: "cat", 1: "dog", 2: "bird"};'],
    [
      'label_map.pbtxt',
      "item { id: 1 name: 'cat' } item { id: 2 name: 'dog' } item { id: 3 name: 'bird' }",
    ],
    ['index_to_name.json', '{"0": "cat", "1": "dog", "2": "bird"}'],
    ['metadata.json', '{"model": "m", "classes": ["cat", "dog", "bird"]}'],
    ['config.json', '{"lr": 0.1, "class_names": ["cat", "dog", "bird"]}'],
    ['metadata.yaml', 'task: classify\nnames:\n  0: cat\n  1: dog\n  2: bird\n'],
  ])('names in %s', async (file, text) => {
    const model = await describeNet({ [file]: text });
    expect(model.classNames.labels).toEqual(names);
    expect(model.readFrom).toEqual([`${file}: 3 class names`]);
    expect(guessesOf(model.assumptions)).toHaveLength(3);
  });

  test('a script with code beside its list is not read, and nothing of it is run', async () => {
    const model = await describeNet({ 'labels.js': "const a = ['cat'];\nthrow new Error('run');" });
    expect(model.classNames.labels).toEqual([]);
    expect(model.notUsed).toEqual([
      expect.stringMatching(/^labels\.js: labels: line 2 is more than one list .* code is not run/),
    ]);
  });

  test('gradcam.json: any part of our own block', async () => {
    const model = await describeNet({
      'gradcam.json': {
        schema: 1,
        labels: names,
        input: { scale: 1 / 255, mean: MEAN, std: STD, channelOrder: 'bgr', fit: 'squash' },
      },
    });
    expect(model.classNames.labels).toEqual(names);
    expect(model.input).toMatchObject({
      ...{ scale: 1 / 255, mean: MEAN, std: STD, channelOrder: 'bgr', fit: 'squash' },
    });
    expect(guessesOf(model.assumptions)).toEqual([]);
  });
});

describe('who is believed', () => {
  const metadata = { packageName: '@teachablemachine/image', labels: names, imageSize: 8 };

  test('flags before files', async () => {
    const classNames = { labels: ['a', 'b', 'c'], wnids: [] };
    const model = await describeNet(
      { 'metadata.json': metadata },
      { classNames, inputRange: '0..1', channelOrder: 'bgr', fit: 'squash' },
    );
    expect(model.classNames).toEqual(classNames);
    expect(model.input).toMatchObject({
      ...{ scale: 1 / 255, mean: [0, 0, 0], channelOrder: 'bgr', fit: 'squash' },
    });
    expect(model.readFrom).toEqual([]);
  });

  test('a mean that is stated is not mixed with the scale of a file', async () => {
    const model = await describeNet({ 'metadata.json': metadata }, { mean: [1, 2, 3] });
    expect(model.input).toMatchObject({ scale: 1, mean: [1, 2, 3], std: [1, 1, 1] });
  });

  test('our own file before those of others; names that differ are said', async () => {
    const model = await describeNet({
      'gradcam.json': { schema: 1, labels: ['a', 'b', 'c'] },
      'metadata.json': metadata,
    });
    expect(model.classNames.labels).toEqual(['a', 'b', 'c']);
    expect(model.input.scale).toBe(1 / 127);
    expect(model.notUsed.join('\n')).toContain("calls class 0 'cat', where 'a' is used");
  });
});

describe('what does not fit is said and not used', () => {
  test.each([
    ['names too many', { 'labels.txt': 'a\nb\nc\nd' }, 'its 4 names; the model has 3 classes'],
    [
      'another size',
      { 'config.json': { architecture: 'a', input_size: [3, 16, 16], mean: MEAN, std: STD } },
      'its size 16x16; the model takes 8x8',
    ],
    [
      'a crop mode',
      {
        'config.json': {
          architecture: 'a',
          input_size: [3, 8, 8],
          mean: MEAN,
          std: STD,
          crop_mode: 'spin',
        },
      },
      'config.json: crop_mode: expected center, squash or border, found "spin"',
    ],
    [
      'a mean of text',
      { 'preprocessor_config.json': { size: 8, image_mean: 'imagenet' } },
      'preprocessor_config.json: image_mean',
    ],
    [
      'a deviation of 0',
      { 'preprocessor_config.json': { size: 8, image_mean: MEAN, image_std: [1, 0, 1] } },
      'a number other than 0',
    ],
    [
      'squashing and cutting another shape',
      {
        'preprocessor_config.json': {
          size: { height: 10, width: 12 },
          do_center_crop: true,
          crop_size: { height: 8, width: 8 },
        },
      },
      'squashing to 10x12 and cutting 8x8 out of it;',
    ],
    [
      'a detector of Custom Vision',
      { 'cvexport.manifest': { DomainType: 'ObjectDetection' } },
      'DomainType: expected Classification, found "ObjectDetection"',
    ],
    ['broken JSON', { 'metadata.json': '{' }, 'metadata.json is not JSON'],
    ['names as objects', { 'classes.json': '[{"x":1}]' }, 'an object without name'],
    ['levels without end', { 'labels.json': '['.repeat(70) + ']'.repeat(70) }, 'it has 70 levels'],
    [
      'other letters',
      { 'labels.txt': Buffer.from('B\u00e4r\nb\nc', 'latin1') },
      'save it as UTF-8',
    ],
  ])('%s', async (_, files, line) => {
    const model = await describeNet(files);
    expect(model.notUsed.filter((one) => one.includes(line))).toHaveLength(1);
    expect(model.classNames.labels).toEqual([]);
  });

  test('a file over the limit is not read', async () => {
    const files = modelFilesInMemory({
      'model.json': await smallNet(3).readFile('model.json'),
      'weights.bin': await smallNet(3).readFile('weights.bin'),
      'labels.txt': new Uint8Array(MAX_SIDECAR_BYTES + 1),
    });
    const model = await describeModel(files);
    expect(model.notUsed).toEqual([expect.stringContaining(`${MAX_SIDECAR_BYTES + 1} bytes`)]);
  });

  test.each([
    [
      'an unknown field',
      { schema: 1, label: names },
      'gradcam.json: expected fields schema, labels',
    ],
    ['another schema', { schema: 2 }, 'gradcam.json schema: expected 1'],
    [
      'a range as text',
      { schema: 1, input: { scale: '1/255' } },
      'gradcam.json input.scale: expected a number other than 0',
    ],
    [
      'names that are none',
      { schema: 1, labels: [1, 2, 3] },
      'gradcam.json labels: expected a list of names',
    ],
  ])('in gradcam.json %s is an error', async (_, json, message) => {
    await expect(describeNet({ 'gradcam.json': json })).rejects.toThrow(
      expect.objectContaining({ kind: 'model', message: expect.stringContaining(message) }),
    );
  });
});

describe('names of a single sigmoid', () => {
  test('two are those of 0 and 1', async () => {
    const files = beside(smallNet(1, { activation: 'sigmoid' }), { 'labels.txt': 'cat\ndog' });
    expect((await describeModel(files)).classNames.labels).toEqual(['cat', 'dog']);
  });

  test('one is that of 1', async () => {
    const files = beside(smallNet(1, { activation: 'sigmoid' }), { 'labels.txt': 'dog\n' });
    expect((await describeModel(files)).classNames.labels).toEqual(['not dog', 'dog']);
    const stated = { classNames: { labels: ['dog'], wnids: [] } };
    expect(
      (await describeModel(smallNet(1, { activation: 'sigmoid' }), stated)).classNames.labels,
    ).toEqual(['not dog', 'dog']);
  });

  test('one number that is no class has none', async () => {
    const model = await describeModel(beside(smallNet(1), { 'labels.txt': 'cat\ndog' }));
    expect(model.classNames.labels).toEqual([]);
    expect(model.notUsed.join('\n')).toContain('its 2 names; the model has no classes');
  });
});
