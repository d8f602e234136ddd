import { addLayer, type NetworkDraft } from '../network.ts';
import type { FindShape, TorchFamily, TorchNaming, TorchNet } from './family.ts';
import { nameTimmParts } from './efficientnet-names.ts';
import {
  addConv,
  addFunction,
  addGlobalPool,
  addLinear,
  addPredictions,
  addSum,
  startNet,
  type ConvOptions,
  type Value,
} from './torch-layers.ts';
import { addNorm } from './normalisations.ts';

/**
 * EfficientNet: inverted residuals with squeeze and excitation. Paper: Tan and Le, arXiv 1905.11946. Layout
 * and names: torchvision/models/efficientnet.py; timm has other names, and nets with the borders of
 * TensorFlow, too.
 */
export interface EfficientNetPlan {
  readonly root: number;
  readonly stages: readonly (readonly EfficientNetBlock[])[];
  /** Channels of the last convolution. */
  readonly head: number;
  /** The epsilon of the batch normalisations. */
  readonly epsilon: number;
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

/** Factors of width and depth, and the pictures of torchvision and of TensorFlow, for B0 to B7. */
const SIZES = [
  [1, 1, [256, 224], [224, 0.875]],
  [1, 1.1, [256, 240], [240, 0.882]],
  [1.1, 1.2, [288, 288], [260, 0.89]],
  [1.2, 1.4, [320, 300], [300, 0.904]],
  [1.4, 1.8, [384, 380], [380, 0.922]],
  [1.6, 2.2, [456, 456], [456, 0.934]],
  [1.8, 2.6, [528, 528], [528, 0.942]],
  [2, 3.1, [600, 600], [600, 0.949]],
] as const;
/** PyTorch's default epsilon, and that of TensorFlow's EfficientNets. */
const [EPSILON, TENSORFLOW_EPSILON] = [1e-5, 1e-3];
/** torchvision's nets from this number on have TensorFlow's epsilon; timm's of the same names have not. */
const FIRST_WITH_TENSORFLOW_EPSILON = 5;

/** The nets of torchvision. */
const NETS: readonly TorchNet<EfficientNetPlan>[] = SIZES.map(
  ([width, depth, [resize, crop]], number) => {
    const isOther = number >= FIRST_WITH_TENSORFLOW_EPSILON;
    return {
      id: `efficientnet_b${number}`,
      title: `EfficientNet-B${number} (PyTorch)`,
      plan: scalePlan(width, depth, isOther ? TENSORFLOW_EPSILON : EPSILON),
      input: { resize, crop, filter: 'bicubic' },
      ...(isOther && { library: 'torchvision' }),
    };
  },
);
/** TensorFlow's weights as timm has them. */
const TENSORFLOW_NETS: readonly TorchNet<EfficientNetPlan>[] = SIZES.map(
  ([width, depth, , [size, share]], number) => ({
    id: `tf_efficientnet_b${number}`,
    title: `EfficientNet-B${number} of TensorFlow (timm)`,
    plan: scalePlan(width, depth, TENSORFLOW_EPSILON),
    input: { resize: size / share, crop: size, filter: 'bicubic' },
  }),
);

const TIMM: TorchNaming = { library: 'timm', nameParts: nameTimmParts };

/** The family of EfficientNets. */
export const TORCH_EFFICIENTNET: TorchFamily<EfficientNetPlan> = {
  id: 'efficientnet',
  title: 'EfficientNet',
  activation: 'SiLU',
  nets: NETS,
  namings: [{ library: 'torchvision' }, TIMM],
  readPlans: (find, { library }) =>
    readEfficientNet(find, EPSILON).map((plan) => {
      const other = { ...plan, epsilon: TENSORFLOW_EPSILON };
      const isOther = NETS.some((net) => JSON.stringify(net.plan) === JSON.stringify(other));
      return library === 'torchvision' && isOther ? other : plan;
    }),
  draft: (plan, size, classes) => draftEfficientNet(plan, size, classes, {}),
  classWeight: 'classifier.1/bias',
  logits: 'classifier.1',
  defaultEndpoint: (plan) => `features.${plan.stages.length + 1}`,
  root: 'features.0.0',
  heads: [{ from: 'classifier.1', standIns: {} }],
  lookalikes: {
    pattern: /efficientnet_blur_b\d/i,
    what: "timm's efficientnet_blur, which smooth values before they halve the grid",
  },
};

/**
 * EfficientNets with the borders of TensorFlow. Borders and epsilon do not show in the weights, so weights
 * with timm's names fit both families.
 */
export const TENSORFLOW_EFFICIENTNET: TorchFamily<EfficientNetPlan> = {
  ...TORCH_EFFICIENTNET,
  id: 'tf_efficientnet',
  title: 'EfficientNet of TensorFlow',
  activation: 'SiLU',
  nets: TENSORFLOW_NETS,
  namings: [TIMM],
  readPlans: (find) => readEfficientNet(find, TENSORFLOW_EPSILON),
  draft: (plan, size, classes) => draftEfficientNet(plan, size, classes, { padding: 'same' }),
};

function scalePlan(width: number, depth: number, epsilon: number): EfficientNetPlan {
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
  return { root, stages, head: 4 * inChannels, epsilon };
}

/** The nearest multiple of eight that is not below nine tenths of the number. */
function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

function readEfficientNet(find: FindShape, epsilon: number): EfficientNetPlan[] {
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
  return [{ root, stages, head, epsilon }];
}

/** @param padding of the convolutions, by default half of the kernel on each side */
function draftEfficientNet(
  plan: EfficientNetPlan,
  size: number,
  classes: number,
  padding: Pick<ConvOptions, 'padding'>,
): NetworkDraft {
  const { draft, image } = startNet(size);
  const { endpoints } = draft;
  const addNormal = (path: string, input: Value, options: ConvOptions): Value =>
    addNorm(
      draft,
      `${path}.1`,
      addConv(draft, `${path}.0`, input, { ...options, ...padding }),
      plan.epsilon,
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
