import { addLayer, type NetworkDraft } from '../network.ts';
import type { FindShape, TorchFamily, TorchInput, TorchNaming, TorchNet } from './family.ts';
import { addNorm } from './normalisations.ts';
import { finishResNet, readStages, type ResNetPlan, type ResNetUnit } from './resnet.ts';
import { addConv, addRelu, startNet, type Value } from './torch-layers.ts';

/**
 * ResNet for the pictures of CIFAR, 32x32: its first convolution is 3x3 with a stride of 1, and no pooling
 * follows. The paper's nets have three stages and shortcuts without weights (He et al., arXiv 1512.03385,
 * section 4.2, option A): every second row and column, and zeros for the channels that are new. Others have
 * convolutions there. Layout and names: `resnet.py` of pytorch-cifar, pytorch_resnet_cifar10 and
 * pytorch-cifar-models.
 */
export interface CifarResNetPlan extends ResNetPlan {
  readonly shortcut: 'zeros' | 'convolution';
}

const SIDE = { resize: 32, crop: 32, filter: 'bilinear' } as const;

/** The colours of CIFAR-10 as pytorch-cifar and pytorch-cifar-models have them. */
const CIFAR_INPUT: TorchInput = {
  ...SIDE,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.2023, 0.1994, 0.201],
  library: 'pytorch-cifar',
};

/** pytorch_resnet_cifar10 normalises by the colours of ImageNet. */
const PAPER_INPUT: TorchInput = { ...SIDE, library: 'pytorch_resnet_cifar10' };

const PLAIN = 'pytorch-cifar-models';

/** The number of stages of the paper's nets for CIFAR. */
const STAGES = 3;

/** The family of these nets. Inside, their weights have torchvision's names. */
export const TORCH_CIFAR_RESNET: TorchFamily<CifarResNetPlan> = {
  id: 'cifar_resnet',
  title: 'ResNet for CIFAR',
  activation: 'ReLU',
  input: CIFAR_INPUT,
  nets: [
    ...[20, 32, 44, 56, 110].flatMap((layers) => [
      describe(`${layers}`, 'zeros', 'basic', [16, 32, 64], spread(layers), PAPER_INPUT),
      describe(`${layers}_b`, 'convolution', 'basic', [16, 32, 64], spread(layers)),
    ]),
    describe('18', 'convolution', 'basic', [64, 128, 256, 512], [2, 2, 2, 2]),
    describe('34', 'convolution', 'basic', [64, 128, 256, 512], [3, 4, 6, 3]),
    describe('50', 'convolution', 'bottleneck', [64, 128, 256, 512], [3, 4, 6, 3]),
    describe('101', 'convolution', 'bottleneck', [64, 128, 256, 512], [3, 4, 23, 3]),
    describe('152', 'convolution', 'bottleneck', [64, 128, 256, 512], [3, 8, 36, 3]),
  ],
  namings: [
    {
      library: 'pytorch-cifar and pytorch_resnet_cifar10',
      nameParts: (part) => [part.replace(/^fc$/, 'linear').replace('.downsample.', '.shortcut.')],
    },
    { library: PLAIN },
  ],
  readPlans: readCifarResNet,
  draft: draftCifarResNet,
  classWeight: 'fc/bias',
  logits: 'fc',
  defaultEndpoint: (plan) => `layer${plan.stages.length}`,
  root: 'conv1',
  // Beside a head of another name nothing would tell these nets from changed ones of torchvision.
  heads: [],
};

function describe(
  name: string,
  shortcut: CifarResNetPlan['shortcut'],
  unit: ResNetPlan['unit'],
  widths: readonly number[],
  units: readonly number[],
  input?: TorchInput,
): TorchNet<CifarResNetPlan> {
  const stages = widths.map((width, index) => {
    return { units: units[index]!, width, channels: unit === 'basic' ? width : width * 4 };
  });
  const plan = { unit, groups: 1, stages, root: widths[0]!, shortcut };
  const title = `ResNet-${name.replace(/_b$/, ' with convolutions as shortcuts')} for CIFAR (PyTorch)`;
  return { id: `cifar_resnet${name}`, title, plan, ...(input && { input }) };
}

/** The units of the three stages of a net with 6n + 2 layers. */
function spread(layers: number): number[] {
  return Array.from({ length: STAGES }, () => (layers - 2) / (2 * STAGES));
}

function readCifarResNet(find: FindShape, { library }: TorchNaming): CifarResNetPlan[] {
  const [root, colours, size] = find('conv1.weight') ?? [];
  const isRoot = root !== undefined && colours === 3 && size === 3 && find('bn1.running_mean');
  const read = isRoot && find('fc.weight') ? readStages(find) : null;
  if (read === null || root === undefined) return [];
  const { stages, unit } = read;
  // torchvision's four stages behind a convolution of 3x3 do not say whether the pooling was kept.
  if (library === PLAIN && stages.length !== STAGES) return [];
  const changed = stages.slice(1).map((_, index) => `layer${index + 2}.0.downsample.0.weight`);
  const projected = changed.filter((name) => find(name) !== undefined).length;
  if (projected === changed.length) return [{ ...read, root, shortcut: 'convolution' }];
  const isDoubled = stages.every(
    ({ channels }, index) => channels === (stages[index - 1]?.channels ?? root / 2) * 2,
  );
  const isPaper = stages.length === STAGES && unit === 'basic' && root % 2 === 0 && isDoubled;
  return projected === 0 && isPaper ? [{ ...read, root, shortcut: 'zeros' }] : [];
}

function draftCifarResNet(plan: CifarResNetPlan, size: number, classes: number): NetworkDraft {
  const { draft, image } = startNet(size);
  const { endpoints } = draft;
  const root = addConv(draft, 'conv1', image, { channels: plan.root, size: 3 });
  const first = addRelu(draft, 'relu', addNorm(draft, 'bn1', root));
  for (const layer of ['conv1', 'bn1', 'relu']) endpoints[layer] = layer;
  const addShortcut = plan.shortcut === 'zeros' ? addZeros : undefined;
  return finishResNet(draft, plan, first, classes, addShortcut);
}

/**
 * `F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, n, n))`: a pooling of single cells takes every second one, and the
 * zeros are put around the channels while these are the rows.
 */
function addZeros(
  draft: NetworkDraft,
  { path, input, stride }: ResNetUnit,
  channels: number,
): Value {
  const name = (step: string): string => `${path}.shortcut/${step}`;
  addLayer(draft, name('cells'), 'MaxPooling2D', [input.layer], {
    ...{ pool_size: [1, 1], strides: [stride, stride], padding: 'valid' },
    data_format: 'channels_last',
  });
  const around = (channels - input.channels) / 2;
  addLayer(draft, name('turn'), 'Permute', [name('cells')], { dims: [3, 2, 1] });
  addLayer(draft, name('zeros'), 'ZeroPadding2D', [name('turn')], {
    ...{ padding: [[around, around], [0, 0]], data_format: 'channels_last' }, // prettier-ignore
  });
  addLayer(draft, name('back'), 'Permute', [name('zeros')], { dims: [3, 2, 1] });
  const halve = (cells: number): number => Math.ceil(cells / stride);
  return { layer: name('back'), channels, height: halve(input.height), width: halve(input.width) };
}
