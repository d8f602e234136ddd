import { addLayer, type NetworkDraft } from '../network.ts';
import type { FindShape, TorchFamily, TorchInput, TorchNaming, TorchNet } from './family.ts';
import {
  addConv,
  addFunction,
  addGlobalPool,
  addLinear,
  addNorm,
  addPredictions,
  addSum,
  startNet,
  type ConvOptions,
  type Value,
} from './torch-layers.ts';

/**
 * EfficientNet: inverted residuals with squeeze and excitation. Paper: Tan and Le, arXiv 1905.11946. Layout
 * and names: torchvision/models/efficientnet.py; timm has other names, and nets with the borders of
 * TensorFlow too.
 */
export interface EfficientNetPlan {
  readonly root: number;
  readonly stages: readonly (readonly EfficientNetBlock[])[];
  /** Channels of the last convolution. */
  readonly head: number;
  /** Borders and epsilon of TensorFlow's weights, which timm calls `tf_`. */
  readonly isTensorFlow: boolean;
}

/** A block: widen, convolve each channel, weigh the channels, narrow. */
export interface EfficientNetBlock {
  /** Channels inside; blocks of the first stage do not widen. */
  readonly hidden: number;
  /** Channels between the two convolutions that weigh the channels. */
  readonly squeeze: number;
  readonly channels: number;
  /** Height and width of the depthwise kernel. */
  readonly kernel: number;
}

/** Channels, number of blocks, kernel and first stride of each stage of B0. */
const STAGES = [
  [16, 1, 3, 1],
  [24, 2, 3, 2],
  [40, 2, 5, 2],
  [80, 3, 3, 2],
  [112, 3, 5, 1],
  [192, 4, 5, 2],
  [320, 1, 3, 1],
] as const;
const EXPANSION = 6;

/** Factors of width and depth, and the pictures of torchvision and of TensorFlow, for B0 to B4. */
const SIZES = [
  [1, 1, [256, 224], [224, 0.875]],
  [1, 1.1, [256, 240], [240, 0.882]],
  [1.1, 1.2, [288, 288], [260, 0.89]],
  [1.2, 1.4, [320, 300], [300, 0.904]],
  [1.4, 1.8, [384, 380], [380, 0.922]],
] as const;

/** The family of EfficientNets. */
export const TORCH_EFFICIENTNET: TorchFamily<EfficientNetPlan> = {
  id: 'efficientnet',
  title: 'EfficientNet',
  nets: SIZES.flatMap(([width, depth, [resize, crop], [size, share]], number) => {
    const own: TorchInput = { resize, crop, filter: 'bicubic' };
    const ofTensorFlow: TorchInput = { resize: size / share, crop: size, filter: 'bicubic' };
    return [
      describe(number, width, depth, false, own),
      describe(number, width, depth, true, ofTensorFlow),
    ];
  }),
  namings: [{ library: 'torchvision' }, { library: 'timm', nameParts: nameTimmParts }],
  readPlans: readEfficientNet,
  draft: draftEfficientNet,
  classWeight: 'classifier.1/bias',
  logits: 'classifier.1',
  defaultEndpoint: (plan) => `features.${plan.stages.length + 1}`,
};

function describe(
  number: number,
  width: number,
  depth: number,
  isTensorFlow: boolean,
  input: TorchInput,
): TorchNet<EfficientNetPlan> {
  const root = roundChannels(32 * width);
  let inChannels = root;
  const stages = STAGES.map(([base, count, kernel], stage) => {
    const channels = roundChannels(base * width);
    return Array.from({ length: Math.ceil(count * depth) }, () => {
      const hidden = stage === 0 ? inChannels : roundChannels(inChannels * EXPANSION);
      const block = { hidden, squeeze: Math.max(1, Math.floor(inChannels / 4)), channels, kernel };
      inChannels = channels;
      return block;
    });
  });
  const plan = { root, stages, head: 4 * inChannels, isTensorFlow };
  const name = `EfficientNet-B${number}`;
  return isTensorFlow
    ? { id: `tf_efficientnet_b${number}`, title: `${name} of TensorFlow (timm)`, plan, input }
    : { id: `efficientnet_b${number}`, title: `${name} (PyTorch)`, plan, input };
}

/** The nearest multiple of eight that is not below nine tenths of the number. */
function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** Borders do not show in the weights, so weights with timm's names fit both kinds of nets. */
function readEfficientNet(find: FindShape, { library }: TorchNaming): EfficientNetPlan[] {
  const [root, colours] = find('features.0.0.weight') ?? [];
  const [head] = find(`features.${STAGES.length + 1}.0.weight`) ?? [];
  if (root === undefined || head === undefined || colours !== 3) return [];
  const stages = STAGES.map((_, stage) => {
    const blocks: EfficientNetBlock[] = [];
    const first = stage === 0 ? 0 : 1;
    for (let index = 0; ; index++) {
      const path = `features.${stage + 1}.${index}.block`;
      const [hidden, , kernel] = find(`${path}.${first}.0.weight`) ?? [];
      const [squeeze] = find(`${path}.${first + 1}.fc1.weight`) ?? [];
      const [channels] = find(`${path}.${first + 2}.0.weight`) ?? [];
      if (hidden === undefined || kernel === undefined) return blocks;
      if (squeeze === undefined || channels === undefined) return [];
      blocks.push({ hidden, squeeze, channels, kernel });
    }
  });
  if (stages.some((blocks) => blocks.length === 0)) return [];
  const plan = { root, stages, head, isTensorFlow: false };
  return library === 'timm' ? [plan, { ...plan, isTensorFlow: true }] : [plan];
}

function draftEfficientNet(plan: EfficientNetPlan, size: number, classes: number): NetworkDraft {
  const { draft, image } = startNet(size);
  const { endpoints } = draft;
  const epsilon = plan.isTensorFlow ? 1e-3 : 1e-5;
  const padding = plan.isTensorFlow ? ({ padding: 'same' } as const) : {};
  const addNormal = (path: string, input: Value, options: ConvOptions): Value =>
    addNorm(
      draft,
      `${path}.1`,
      addConv(draft, `${path}.0`, input, { ...options, ...padding }),
      epsilon,
    );
  const addActive = (path: string, input: Value, options: ConvOptions): Value =>
    addFunction(draft, `${path}.2`, addNormal(path, input, options), 'swish');

  let last = addActive('features.0', image, { channels: plan.root, size: 3, stride: 2 });
  endpoints['features.0'] = last.layer;
  plan.stages.forEach((blocks, stage) => {
    const name = `features.${stage + 1}`;
    blocks.forEach((block, index) => {
      const path = `${name}.${index}`;
      const { hidden, channels, kernel } = block;
      const stride = index === 0 ? (STAGES[stage]?.[3] ?? 1) : 1;
      const first = stage === 0 ? 0 : 1;
      const part = (number: number): string => `${path}.block.${number}`;
      const widened = stage === 0 ? last : addActive(part(0), last, { channels: hidden, size: 1 });
      const depthwise = { channels: hidden, size: kernel, stride, groups: hidden };
      const spatial = addActive(part(first), widened, depthwise);
      const weighed = addExcitation(draft, part(first + 1), spatial, block.squeeze);
      const inner = addNormal(part(first + 2), weighed, { channels, size: 1 });
      const isResidual = stride === 1 && last.channels === channels;
      last = isResidual ? addSum(draft, path, inner, last) : inner;
      endpoints[path] = last.layer;
      endpoints[`blocks.${stage}.${index}`] = last.layer;
    });
    endpoints[name] = last.layer;
    endpoints[`blocks.${stage}`] = last.layer;
  });
  const path = `features.${plan.stages.length + 1}`;
  last = addActive(path, last, { channels: plan.head, size: 1 });
  endpoints[path] = last.layer;
  endpoints['features'] = last.layer;
  const logits = addLinear(draft, 'classifier.1', addGlobalPool(draft, 'avgpool', last), classes);
  Object.assign(endpoints, { avgpool: 'avgpool', 'classifier.1': 'classifier.1' });
  addPredictions(draft, logits);
  return draft;
}

/** Squeeze and excitation: factors for the channels, computed from their means. */
function addExcitation(draft: NetworkDraft, path: string, input: Value, squeeze: number): Value {
  const { channels } = input;
  const mean = addGlobalPool(draft, `${path}.avgpool`, input);
  addLayer(draft, `${path}.reshape`, 'Reshape', [mean.layer], { target_shape: [1, 1, channels] });
  const cell = { ...mean, layer: `${path}.reshape` };
  const narrow = addConv(draft, `${path}.fc1`, cell, { channels: squeeze, size: 1, bias: true });
  const active = addFunction(draft, `${path}.activation`, narrow, 'swish');
  const wide = addConv(draft, `${path}.fc2`, active, { channels, size: 1, bias: true });
  const factors = addFunction(draft, `${path}.scale_activation`, wide, 'sigmoid');
  addLayer(draft, path, 'Multiply', [input.layer, factors.layer]);
  return { ...input, layer: path };
}

const FIRST_STAGE: Readonly<Record<string, string>> = {
  ...{ '0.0': 'conv_dw', '0.1': 'bn1', '1.fc1': 'se.conv_reduce', '1.fc2': 'se.conv_expand' },
  ...{ '2.0': 'conv_pw', '2.1': 'bn2' },
};
const OTHER_STAGES: Readonly<Record<string, string>> = {
  ...{ '0.0': 'conv_pw', '0.1': 'bn1', '1.0': 'conv_dw', '1.1': 'bn2' },
  ...{ '2.fc1': 'se.conv_reduce', '2.fc2': 'se.conv_expand', '3.0': 'conv_pwl', '3.1': 'bn3' },
};

/** timm's names: stages are counted from 0, and layers are named by what they do. */
function nameTimmParts(part: string): readonly string[] {
  const last = STAGES.length + 1;
  const known: Readonly<Record<string, string>> = {
    'features.0.0': 'conv_stem',
    'features.0.1': 'bn1',
    [`features.${last}.0`]: 'conv_head',
    [`features.${last}.1`]: 'bn2',
    'classifier.1': 'classifier',
  };
  const [, stage, block, inner = ''] = /^features\.(\d+)\.(\d+)\.block\.(.+)$/.exec(part) ?? [];
  if (stage === undefined) return [known[part] ?? part];
  const names = stage === '1' ? FIRST_STAGE : OTHER_STAGES;
  return [`blocks.${Number(stage) - 1}.${block}.${names[inner] ?? inner}`];
}
