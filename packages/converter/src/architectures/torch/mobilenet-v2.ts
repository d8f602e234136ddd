import type { NetworkDraft } from '../network.ts';
import type { FindShape, TorchFamily } from './family.ts';
import {
  addConv,
  addGlobalPool,
  addLinear,
  addPredictions,
  addRelu,
  addSum,
  startNet,
  type Value,
} from './torch-layers.ts';
import { addNorm } from './normalisations.ts';

/**
 * MobileNet v2: inverted residuals with linear ends. Paper: Sandler et al., arXiv 1801.04381, table 2. Layout
 * and names: torchvision/models/mobilenetv2.py; timm has other names.
 */
export interface MobileNetV2Plan {
  readonly root: number;
  readonly blocks: readonly InvertedResidual[];
  /** Channels of the last convolution. */
  readonly head: number;
}

/** A block: widen, convolve each channel, narrow. */
export interface InvertedResidual {
  /** Channels inside; the first block does not widen. */
  readonly hidden: number;
  readonly channels: number;
  readonly stride: number;
}

/** Channels, number of blocks and first stride of each stage. */
const STAGES = [
  [16, 1, 1],
  [24, 2, 2],
  [32, 3, 2],
  [64, 4, 2],
  [96, 3, 1],
  [160, 3, 2],
  [320, 1, 1],
] as const;
const EXPANSION = 6;
/** The stride and the place in timm's names of each block. */
const PLACES = STAGES.flatMap(([, count, first], stage) =>
  Array.from({ length: count }, (_, index) => ({ stage, index, stride: index === 0 ? first : 1 })),
);
/** The first block whose kernel is larger in EfficientNets and other nets of the same blocks. */
const THIRD_STAGE = PLACES.findIndex(({ stage }) => stage === 2);

/** The family of MobileNet v2. */
export const TORCH_MOBILENET_V2: TorchFamily<MobileNetV2Plan> = {
  id: 'torch_mobilenet_v2',
  title: 'MobileNet v2',
  activation: 'ReLU6',
  nets: [{ id: 'mobilenet_v2', title: 'MobileNet v2 (PyTorch)', plan: describePublished() }],
  namings: [{ library: 'torchvision' }, { library: 'timm', nameParts: nameTimmParts }],
  readPlans: readMobileNet,
  draft: draftMobileNet,
  classWeight: 'classifier.1/bias',
  logits: 'classifier.1',
  defaultEndpoint: (plan) => `features.${plan.blocks.length + 1}`,
  root: 'features.0.0',
  heads: [{ from: 'classifier.1', standIns: {} }],
};

function describePublished(): MobileNetV2Plan {
  let channels = 32;
  const blocks = STAGES.flatMap(([out, count, first], stage) =>
    Array.from({ length: count }, (_, index) => {
      const hidden = stage === 0 ? channels : channels * EXPANSION;
      channels = out;
      return { hidden, channels: out, stride: index === 0 ? first : 1 };
    }),
  );
  return { root: 32, blocks, head: 1280 };
}

/** Strides do not show in the weights, so only nets with the published number of blocks are read. */
function readMobileNet(find: FindShape): MobileNetV2Plan[] {
  const [root, colours] = find('features.0.0.weight') ?? [];
  const [head] = find(`features.${PLACES.length + 1}.0.weight`) ?? [];
  if (root === undefined || head === undefined || colours !== 3) return [];
  const blocks = PLACES.map(({ stride }, index) => {
    const path = `features.${index + 1}.conv`;
    const [hidden = 0] = find(`${path}.0.0.weight`) ?? [];
    const [channels = 0] = find(`${path}.${index === 0 ? 1 : 2}.weight`) ?? [];
    return { hidden, channels, stride };
  });
  const isWhole = blocks.every(({ hidden, channels }) => hidden > 0 && channels > 0);
  // timm's EfficientNets have the same names, but further blocks and other kernels.
  const [, , kernel] = find(`features.${THIRD_STAGE + 1}.conv.1.0.weight`) ?? [];
  return isWhole && kernel === 3 ? [{ root, blocks, head }] : [];
}

function draftMobileNet(plan: MobileNetV2Plan, size: number, classes: number): NetworkDraft {
  const { draft, image } = startNet(size);
  const { endpoints } = draft;
  const finish = (path: string, input: Value, options: Parameters<typeof addConv>[3]): Value =>
    addRelu(
      draft,
      `${path}.2`,
      addNorm(draft, `${path}.1`, addConv(draft, `${path}.0`, input, options)),
      6,
    );
  let last = finish('features.0', image, { channels: plan.root, size: 3, stride: 2 });
  endpoints['features.0'] = last.layer;
  plan.blocks.forEach(({ hidden, channels, stride }, index) => {
    const path = `features.${index + 1}`;
    const widened =
      index === 0 ? last : finish(`${path}.conv.0`, last, { channels: hidden, size: 1 });
    const depth = index === 0 ? 0 : 1;
    const spatial = finish(`${path}.conv.${depth}`, widened, {
      ...{ channels: hidden, size: 3, stride },
      groups: hidden,
    });
    const narrow = addConv(draft, `${path}.conv.${depth + 1}`, spatial, { channels, size: 1 });
    const inner = addNorm(draft, `${path}.conv.${depth + 2}`, narrow);
    const isResidual = stride === 1 && last.channels === channels;
    last = isResidual ? addSum(draft, path, last, inner) : inner;
    endpoints[path] = last.layer;
    const place = PLACES[index];
    if (place) endpoints[`blocks.${place.stage}.${place.index}`] = last.layer;
    if (place) endpoints[`blocks.${place.stage}`] = last.layer;
  });
  const path = `features.${plan.blocks.length + 1}`;
  last = finish(path, last, { channels: plan.head, size: 1 });
  endpoints[path] = last.layer;
  endpoints['features'] = last.layer;
  const pooled = addGlobalPool(draft, 'avgpool', last);
  const logits = addLinear(draft, 'classifier.1', pooled, classes);
  Object.assign(endpoints, { avgpool: 'avgpool', 'classifier.1': 'classifier.1' });
  addPredictions(draft, logits);
  return draft;
}

/** timm's names: blocks by stage, and layers by what they do. */
function nameTimmParts(part: string): readonly string[] {
  const last = PLACES.length + 1;
  const known: Readonly<Record<string, string>> = {
    'features.0.0': 'conv_stem',
    'features.0.1': 'bn1',
    [`features.${last}.0`]: 'conv_head',
    [`features.${last}.1`]: 'bn2',
    'classifier.1': 'classifier',
  };
  const [, number, inner = ''] = /^features\.(\d+)\.conv\.(.+)$/.exec(part) ?? [];
  const place = PLACES[Number(number) - 1];
  if (place === undefined) return [known[part] ?? part];
  const names = number === '1' ? FIRST_BLOCK : OTHER_BLOCKS;
  return [`blocks.${place.stage}.${place.index}.${names[inner] ?? inner}`];
}

const FIRST_BLOCK: Readonly<Record<string, string>> = {
  ...{ '0.0': 'conv_dw', '0.1': 'bn1', '1': 'conv_pw', '2': 'bn2' },
};
const OTHER_BLOCKS: Readonly<Record<string, string>> = {
  ...{
    '0.0': 'conv_pw',
    '0.1': 'bn1',
    '1.0': 'conv_dw',
    '1.1': 'bn2',
    '2': 'conv_pwl',
    '3': 'bn3',
  },
};
