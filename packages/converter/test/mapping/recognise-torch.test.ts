import { expect, test } from 'vitest';
import type { Architecture, Variant } from '../../src/architectures/architecture.ts';
import { TORCH_CONVNEXT } from '../../src/architectures/torch/convnext.ts';
import { findTorchArchitecture } from '../../src/architectures/torch/families.ts';
import { createTorchArchitecture } from '../../src/architectures/torch/family.ts';
import { recogniseTorch } from '../../src/mapping/recognise-torch.ts';
import { describeTorchLayout } from '../../src/mapping/torch-layout.ts';
import { createStridedTensor, rowMajorStrides } from '../../src/tensors/strided-tensor.ts';
import type { WeightFile } from '../../src/tensors/stored-tensor.ts';

/** A file with the names and shapes that a net has in a library, without values. */
function fileOf(id: string, library: string): WeightFile {
  return fileOfNet(findTorchArchitecture(id)!, library);
}

function fileOfNet(architecture: Architecture, library: string): WeightFile {
  const { nameWeight } = findVariant(architecture, library);
  const tensors = architecture.draft(1000).weights.map((weight) => {
    const { view: shape } = describeTorchLayout(weight);
    return createStridedTensor({
      ...{ name: nameWeight(weight)[0]!, dtype: 'float32', shape, strides: rowMajorStrides(shape) },
      ...{ offset: 0, open: () => Promise.reject(new Error('no values')) },
    });
  });
  return { format: 'torch-zip', tensors, skipped: [] };
}

function findVariant({ variants }: Architecture, library: string): Variant {
  return variants.find(({ naming }) => naming === library)!;
}

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

/** A file with other names or shapes. */
function change(
  file: WeightFile,
  edit: (name: string, shape: readonly number[]) => [string, readonly number[]][],
): WeightFile {
  const tensors = file.tensors.flatMap((tensor) =>
    edit(tensor.name, tensor.shape).map(([name, shape]) => ({ ...tensor, name, shape })),
  );
  return { ...file, tensors };
}

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
  expect(file.tensors).not.toEqual(plain.tensors);
  const read = recogniseTorch(file, 'weights.pth');
  expect(read.architecture.id).toBe(id);
  expect(read.file.tensors).toEqual(plain.tensors);
  const [from, to] = [wrapped.slice(0, -1), own.source.replace(/[\\^]/g, '').slice(0, -1)];
  expect(read.notes).toEqual([
    `the head ${from} is read as ${to}; what else stands in it is not in the file: dropout changes nothing, and the scores before a softmax are explained`,
  ]);
  expect(recogniseTorch(file, 'weights.pth', { wanted: id }).file.tensors).toEqual(plain.tensors);
});

test('a head of two linear layers is refused by its name, and so are pictures of one channel', () => {
  const plain = fileOf('resnet18', 'torchvision and timm');
  const head = change(plain, (name, shape) => {
    if (name === 'fc.weight')
      return [
        ['fc.0.weight', [64, 512]],
        ['fc.3.weight', [1000, 64]],
      ];
    return name === 'fc.bias'
      ? [
          ['fc.0.bias', [64]],
          ['fc.3.bias', [1000]],
        ]
      : [[name, shape]];
  });
  expect(() => recogniseTorch(head, 'weights.pth')).toThrow(
    'weights.pth looks like resnet18, but its head fc has 2 linear layers (fc.0, fc.3), and the file does not say what lies between them; export the whole model',
  );
  const gray = change(plain, (name, shape) => [
    [name, name === 'conv1.weight' ? [64, 1, 7, 7] : shape],
  ]);
  expect(() => recogniseTorch(gray, 'weights.pth')).toThrow(
    'weights.pth looks like resnet18, but takes pictures of 1 channel (conv1.weight [64, 1, 7, 7]), where 3 are read; export',
  );
});
