import { expect, test } from 'vitest';
import { describeModel } from '../../../src/model/describe-model.ts';
import {
  functionalConfig,
  functionalModel,
  input,
  layer,
  type LayerSpec,
} from '../../helper/keras-model.ts';
import { filesOf } from '../../helper/model-files.ts';
import { array } from './small-net.ts';

const conv = (name: string, channels: number, activation = 'linear'): LayerSpec =>
  layer(
    'Conv2D',
    name,
    { filters: 2, kernel_size: [1, 1], use_bias: false, activation },
    { kernel: array([1, 1, channels, 2], Array(channels * 2).fill(0.1)) },
  );

const end: readonly LayerSpec[] = [
  layer('GlobalAveragePooling2D', 'pool'),
  layer(
    'Dense',
    'predictions',
    { units: 3, activation: 'softmax' },
    { kernel: array([2, 3], Array(6).fill(0.1)), bias: array([3], [0, 0, 0]) },
  ),
];

/** Small nets with the names of layers that Keras 3.15.1 gives these nets of keras.applications. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'mobilenet_1.00_224': ['conv1', 'conv1_bn', 'conv_dw_1', 'conv_pw_13_relu'],
  'mobilenet_0.25_224_tf': ['conv1', 'conv1_bn', 'conv_dw_1', 'conv_pw_13_relu'],
  'mobilenetv2_1.00_224': [
    ...['Conv1', 'bn_Conv1', 'expanded_conv_depthwise', 'block_16_project', 'out_relu'],
  ],
  inception_v3: ['conv2d', 'mixed0', 'mixed5', 'mixed10'],
  inception_resnet_v2: ['conv2d_94', 'mixed_5b', 'mixed_6a', 'mixed_7a', 'conv_7b'],
  xception: ['block1_conv1', 'block2_sepconv1', 'block14_sepconv2_act'],
  nasnet_mobile: ['stem_conv1', 'stem_bn1', 'normal_concat_12'],
  resnet50v2: ['conv1_conv', 'conv2_block1_preact_bn', 'post_relu'],
  resnet50: ['conv1_conv', 'conv2_block1_1_conv', 'conv5_block3_out'],
  vgg16: ['block1_conv1', 'block1_conv2', 'block5_conv3', 'block5_pool'],
};

function bodyOf(name: string): readonly LayerSpec[] {
  const [first, ...others] = LAYERS[name]!;
  return [conv(first!, 3, 'relu'), ...others.map((one) => layer('ReLU', one))];
}

function netOf(name: string, before: readonly LayerSpec[] = [], called = name) {
  const layers = [input('picture', 8, 8, 3), ...before, ...bodyOf(name), ...end];
  return filesOf(functionalModel(layers, undefined, called));
}

/** The net as a layer of another model. */
function nestedIn(name: string) {
  const layers = [input('inner', 8, 8, 3), ...bodyOf(name)];
  const outputs = [layers.at(-1)!.name];
  const base = layer('Functional', name, functionalConfig(layers, outputs, name).config);
  const own = functionalModel(layers, outputs, name);
  const outer = functionalModel([input('picture', 8, 8, 3), base, ...end], undefined, 'model_1');
  const weights = new Map([...own.weights, ...outer.weights]);
  return filesOf({ ...outer, specs: [...own.specs, ...outer.specs], weights });
}

const names = Object.keys(LAYERS);
const isCaffe = (name: string): boolean => /^(vgg16|resnet50)$/.test(name);
const why = /as keras\.applications prepares pictures for \w+, whose name and layers the model has/;

test.each(names)('%s is prepared as its own preprocess_input does', async (name) => {
  const { input: found, assumptions } = await describeModel(netOf(name));
  // 255, 0 and 127.5 of preprocess_input: 1, -1 and 0 in the mode tf; 255 less the mean of BGR in caffe.
  expect(found).toMatchObject(
    isCaffe(name)
      ? { channelOrder: 'bgr', scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] }
      : { channelOrder: 'rgb', scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] },
  );
  expect(assumptions.some((line) => why.test(line))).toBe(true);
});

test('a padding before the first layer prepares nothing', async () => {
  const { input: found } = await describeModel(
    netOf('resnet50v2', [layer('ZeroPadding2D', 'conv1_pad', { padding: [3, 3] })]),
  );
  expect(found).toMatchObject({ scale: 1 / 127.5, mean: [1, 1, 1] });
});

test.each([
  ['mobilenetv2_1.00_224', 'MobileNetV2', '--input-range=-1..1 is'],
  ['vgg16', 'VGG', '--mean=103.939,116.779,123.68 with --channels bgr are'],
])(
  '%s as the base of another model: 0..1, and its own preparation is named',
  async (name, title, own) => {
    // Public models of both kinds exist; most divide by 255.
    const { input: found, assumptions } = await describeModel(nestedIn(name));
    expect(found).toMatchObject({ channelOrder: 'rgb', scale: 1 / 255, mean: [0, 0, 0] });
    expect(assumptions).toContain(
      `pixels are scaled to 0..1 (state it with --input-range, --mean, --std); ${own} right if the model was trained with the preprocess_input of ${title} in keras.applications, on which it is built`,
    );
  },
);

test('a Rescaling before it counts instead', async () => {
  const rescaling = layer('Rescaling', 'rescaling', { scale: 1 / 127.5, offset: -1 });
  const { input: found, assumptions } = await describeModel(netOf('resnet50v2', [rescaling]));
  expect(found).toMatchObject({ scale: 1, mean: [0, 0, 0] });
  expect(assumptions.some((line) => why.test(line))).toBe(false);
});

test.each([
  ['another name', netOf('mobilenet_1.00_224', [], 'model_1')],
  ['other layers', netOf('vgg16', [], 'mobilenet_1.00_224')],
  ['a layer before it', netOf('vgg16', [layer('ReLU', 'clip')])],
])('%s: pixels are scaled to 0..1', async (_, files) => {
  const { input: found, assumptions } = await describeModel(files);
  expect(found).toMatchObject({ channelOrder: 'rgb', scale: 1 / 255, mean: [0, 0, 0] });
  expect(assumptions.some((line) => why.test(line))).toBe(false);
});

test('what is stated counts, and the mean follows the order of the channels', async () => {
  const stated = await describeModel(netOf('vgg16'), { inputRange: '0..1' });
  expect(stated.input).toMatchObject({ channelOrder: 'rgb', scale: 1 / 255, mean: [0, 0, 0] });
  const turned = await describeModel(netOf('vgg16'), { channelOrder: 'rgb' });
  expect(turned.input).toMatchObject({ channelOrder: 'rgb', mean: [123.68, 116.779, 103.939] });
});
