import { describe, expect, test } from 'vitest';
import type { Architecture, InputSpec } from '../../src/architectures/architecture.ts';
import { TORCH_CONVNEXT } from '../../src/architectures/torch/convnext.ts';
import { createTorchArchitecture } from '../../src/architectures/torch/family.ts';
import { shapesOf } from '../../src/mapping/find-torch-nets.ts';
import { describeAssumptions } from '../../src/mapping/assume-torch.ts';
import { recogniseTorch } from '../../src/mapping/recognise-torch.ts';
import type { WeightFile } from '../../src/tensors/stored-tensor.ts';
import { readModelJson } from '../support/memory-sink.ts';
import { change, fileOf, fileOfNet } from '../support/torch-names.ts';
import { convertTorchFixture } from '../support/torch-nets.ts';

/** The epsilons of all batch normalisations of a net. */
function listEpsilons({ draft }: Architecture): unknown[] {
  const norms = draft(1000).layers.filter(({ className }) => className === 'BatchNormalization');
  return [...new Set(norms.map(({ config }) => config['epsilon']))];
}

test.each([
  // torchvision/models/efficientnet.py: B5 and larger state eps=0.001, the others PyTorch's default of 1e-5.
  ['efficientnet_b4', 1e-5],
  ['efficientnet_b5', 1e-3],
  ['efficientnet_b7', 1e-3],
])('the epsilon of %s of torchvision is %f', (id, epsilon) => {
  const { architecture } = recogniseTorch(fileOf(id, 'torchvision'), 'weights.pth');
  expect(architecture.id).toBe(id);
  expect(listEpsilons(architecture)).toEqual([epsilon]);
});

// The functions of the papers: each net's own, as torchvision builds it. No tensor of a state dict shows it.
test.each([
  ['vgg16', 'torchvision', 'ReLU'],
  ['resnet50', 'torchvision and timm', 'ReLU'],
  ['mobilenet_v2', 'torchvision', 'ReLU6'],
  ['efficientnet_b0', 'torchvision', 'SiLU'],
  ['convnext_tiny', 'torchvision', 'GELU'],
])('what no weight of %s of %s shows is said: %s', (id, library, activation) => {
  const found = recogniseTorch(fileOf(id, library), 'weights.pth');
  const { architecture } = describeAssumptions(found, 1000, {});
  expect(architecture).toContain(`; its function, ${activation}, its strides and its poolings are`);
  expect(architecture).toMatch(/state another net with convert --arch; export a changed one with/);
});

test('weights of timm that fit nets of both epsilons are refused until one is stated', () => {
  const file = fileOf('tf_efficientnet_b5', 'timm');
  const read = (wanted?: string): Architecture =>
    recogniseTorch(file, 'weights.pth', { wanted }).architecture;
  expect(() => read()).toThrow(/fit efficientnet and tf_efficientnet_b5, which compute different/);
  // timm/models/efficientnet.py: `tf_` nets have bn_eps of 1e-3, the others the default of 1e-5.
  expect(listEpsilons(read('tf_efficientnet_b5'))).toEqual([1e-3]);
  expect(listEpsilons(read('efficientnet'))).toEqual([1e-5]);
  expect(() => read('efficientnet_b5')).toThrow(/weights are missing/);
});

test('an EfficientNet of timm, whose blocks have the names of MobileNet v2, is not taken for one', () => {
  const file = fileOf('efficientnet_b1', 'timm');
  expect(() => recogniseTorch(file, 'weights.pth')).toThrow(
    /the weights fit efficientnet_b1 and tf_efficientnet_b1, which compute/,
  );
});

test.each(['resnetblur50-84f4748f.pth', 'timm/resnetaa50.a1h_in1k/model.safetensors'])(
  '%s has the weights of ResNet-50 and is refused by its name',
  (name) => {
    const file = fileOf('resnet50', 'torchvision and timm');
    expect(() => recogniseTorch(file, name)).toThrow(
      /the weights are those of resnet50, but the name of the file is that of another net \(timm's/,
    );
    const stated = recogniseTorch(file, name, { wanted: 'resnet50' });
    expect(stated.architecture.id).toBe('resnet50');
    // Without the name nothing tells the two apart, so it is said.
    expect(recogniseTorch(file, 'model.pth').lookalikes).toMatch(/resnetblur and resnetaa/);
  },
);

test('a ConvNeXt of the widths of a test net of timm is refused by its name, or said to be doubtful', () => {
  // timm/models/convnext.py: test_convnext has norm_eps=1e-5 and act_layer='gelu_tanh'.
  const widths = [24, 32, 48, 64];
  const stages = [1, 2, 4, 2].map((blocks, i) => ({ blocks, channels: widths[i]! }));
  const net = { id: 'convnext', title: 'ConvNeXt', plan: { stages } };
  const file = fileOfNet(createTorchArchitecture(TORCH_CONVNEXT, net), 'timm');
  expect(() => recogniseTorch(file, 'test_convnext.r160_in1k/model.safetensors')).toThrow(
    /the name of the file is that of another net \(timm's test_convnext nets/,
  );
  expect(recogniseTorch(file, 'model.safetensors').lookalikes).toMatch(/GELU by tanh/);
  // Published nets double their widths, and no test net does.
  const published = recogniseTorch(fileOf('convnext_tiny', 'timm'), 'model.safetensors');
  expect(published.lookalikes).toBeUndefined();
});

test.each([
  ['resnet18', 'torchvision and timm', /^fc\./, 'fc.1.'],
  ['densenet121', 'torchvision and timm', /^classifier\./, 'classifier.0.'],
  ['efficientnet_b0', 'torchvision', /^classifier\.1\./, 'classifier.'],
  ['mobilenet_v2', 'torchvision', /^classifier\.1\./, 'classifier.1.1.'],
  ['convnext_tiny', 'torchvision', /^classifier\.2\./, 'classifier.2.1.'],
  ['vgg16', 'torchvision', /^classifier\.6\./, 'classifier.6.1.'],
])('%s of %s: a head that is called %s is also read as %s', (id, library, own, wrapped) => {
  const plain = fileOf(id, library);
  const file = change(plain, (name, shape) => [[name.replace(own, wrapped), shape]]);
  expect(shapesOf(file)).not.toEqual(shapesOf(plain));
  const read = recogniseTorch(file, 'weights.pth');
  expect(read.architecture.id).toBe(id);
  expect(shapesOf(read.file)).toEqual(shapesOf(plain));
  const [from, to] = [wrapped.slice(0, -1), own.source.replace(/[\\^]/g, '').slice(0, -1)];
  expect(read.notes).toEqual([
    `the head ${from} is read as ${to}; what else stands in it is not in the file: dropout changes nothing, and the scores before a softmax are explained`,
  ]);
  const stated = recogniseTorch(file, 'weights.pth', { wanted: id });
  expect(shapesOf(stated.file)).toEqual(shapesOf(plain));
});

test.each([
  ['resnet18', 'torchvision and timm', 'conv1'],
  ['vgg11_bn', 'torchvision', 'features.0'],
  ['mobilenet_v2', 'timm', 'conv_stem'],
  ['densenet121', 'torchvision and timm', 'features.conv0'],
  ['squeezenet1_0', 'torchvision', 'features.0'],
  ['efficientnet_b0', 'torchvision', 'features.0.0'],
  ['convnext_tiny', 'timm', 'stem.0'],
])('%s of %s for gray pictures, and one of five channels is refused', (id, library, root) => {
  const withChannels = (channels: number): WeightFile =>
    change(fileOf(id, library), (name, [out = 0, ...rest]) => [
      [name, name === `${root}.weight` ? [out, channels, ...rest.slice(1)] : [out, ...rest]],
    ]);
  const { architecture } = recogniseTorch(withChannels(1), 'weights.pth');
  expect(architecture.id).toBe(id);
  expect(architecture.variants[0]!.input).toMatchObject({ channelOrder: 'gray', mean: [0] });
  const [input] = architecture.draft(1000).layers;
  expect(input!.config['batch_input_shape']).toEqual([null, 224, 224, 1]);
  expect(() => recogniseTorch(withChannels(5), 'weights.pth')).toThrow(
    `weights.pth looks like ${id}, but takes pictures of 5 channels (${root}.weight [`,
  );
});

test('pixels that are stated are brought to the one channel of a gray net, or refused', async () => {
  const convert = (input: Partial<InputSpec>) =>
    convertTorchFixture('resnet_gray.safetensors', { folder: 'torch-heads', input });
  const { sink } = await convert({ scale: 2 / 255, mean: [1, 1, 1], std: [1, 1, 1] });
  expect(readModelJson(sink).userDefinedMetadata.gradcam.input).toMatchObject({
    ...{ scale: 2 / 255, mean: [1], std: [1], channelOrder: 'gray' },
  });
  await expect(convert({ mean: [0.4, 0.5, 0.6] })).rejects.toThrow(
    '--mean 0.4,0.5,0.6: the net takes one channel, gray, and so one number',
  );
  await expect(convert({ channelOrder: 'bgr' })).rejects.toThrow(
    '--channels bgr: the net takes one channel, gray',
  );
  const colours = convertTorchFixture('resnet_basic.pth', { input: { mean: [0.5] } });
  await expect(colours).rejects.toThrow('--mean 0.5: the net takes three channels');
});

describe('ResNets for pictures of 32x32', () => {
  const CIFAR = 'pytorch-cifar and pytorch_resnet_cifar10';

  test.each([
    ['cifar_resnet20', CIFAR, 'pytorch_resnet_cifar10', [0.485, 0.456, 0.406]],
    ['cifar_resnet110', CIFAR, 'pytorch_resnet_cifar10', [0.485, 0.456, 0.406]],
    ['cifar_resnet18', CIFAR, 'pytorch-cifar', [0.4914, 0.4822, 0.4465]],
    ['cifar_resnet50', CIFAR, 'pytorch-cifar', [0.4914, 0.4822, 0.4465]],
    ['cifar_resnet56_b', 'pytorch-cifar-models', 'pytorch-cifar', [0.4914, 0.4822, 0.4465]],
  ])('%s of %s, with the preparation of %s, which is said', (id, naming, library, mean) => {
    const found = recogniseTorch(fileOf(id, naming), 'weights.th');
    expect(found.architecture.id).toBe(id);
    expect(found.architecture.variants[0]!.input).toMatchObject({
      width: 32,
      cropFraction: 1,
      mean,
    });
    const { input } = describeAssumptions(found, 10, {});
    expect(input).toContain(`resized to 32 pixels (bilinear)`);
    expect(input).toContain(`as ${library} does for ${id} (state it with --crop, --resize, --mean`);
  });

  test("torchvision's stages behind a convolution of 3x3 do not say what follows it, and are refused", () => {
    const file = change(fileOf('resnet18', 'torchvision and timm'), (name, shape) => [
      [name, name === 'conv1.weight' ? [64, 3, 3, 3] : shape],
    ]);
    expect(() => recogniseTorch(file, 'weights.pth')).toThrow(/weights of no net that is known/);
  });

  test('a net whose stages have different groups, as RegNet, is none of them', () => {
    const file = change(fileOf('cifar_resnet50', CIFAR), (name, [out = 0, ...rest]) => [
      [name, /^layer1\.\d\.conv2/.test(name) ? [out, 8, ...rest.slice(1)] : [out, ...rest]],
    ]);
    expect(() => recogniseTorch(file, 'weights.pth')).toThrow(/weights of no net that is known/);
  });

  test('a net of three stages with more in its units is refused by what has no place', () => {
    const file = change(fileOf('cifar_resnet20', CIFAR), (name, shape) =>
      name === 'layer1.0.bn2.weight'
        ? [[name, shape], ['layer1.0.fc1.weight', [1, 16, 1, 1]]] // prettier-ignore
        : [[name, shape]],
    );
    expect(() => recogniseTorch(file, 'weights.pth')).toThrow(
      /looks like cifar_resnet20, but 1 of its tensors have no place there, first 'layer1\.0\.fc1/,
    );
  });
});
