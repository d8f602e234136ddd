import { addLayer, type NetworkDraft } from '../network.ts';
import type { FindShape, TorchFamily, TorchNet } from './family.ts';
import {
  addConv,
  addFunction,
  addGlobalPool,
  addLinear,
  addPredictions,
  addSum,
  startNet,
  type Value,
} from './torch-layers.ts';
import { addLayerNorm } from './normalisations.ts';

/**
 * ConvNeXt: residual blocks of a large depthwise kernel and two dense layers at each cell. Paper: Liu et al.,
 * arXiv 2201.03545. Layout and names: torchvision/models/convnext.py; timm and the authors have other names.
 */
export interface ConvNeXtPlan {
  readonly stages: readonly ConvNeXtStage[];
}

/** A stage of blocks. All stages except the first halve the grid. */
export interface ConvNeXtStage {
  readonly blocks: number;
  readonly channels: number;
}

const EPSILON = 1e-6;
/** timm's convnext_xxlarge is the only net of 384 channels, and the only one of another epsilon. */
const XXLARGE = { channels: 384, epsilon: 1e-5 };
/** Channels inside a block for each of its channels. */
const EXPANSION = 4;

/** The family of ConvNeXts. */
export const TORCH_CONVNEXT: TorchFamily<ConvNeXtPlan> = {
  id: 'convnext',
  title: 'ConvNeXt',
  activation: 'GELU',
  nets: [
    describe('tiny', [3, 3, 9, 3], 96, 236),
    describe('small', [3, 3, 27, 3], 96, 230),
    describe('base', [3, 3, 27, 3], 128, 232),
    describe('large', [3, 3, 27, 3], 192, 232),
  ],
  namings: [
    { library: 'torchvision' },
    { library: 'timm', nameParts: (part) => [nameTimmPart(part)] },
    { library: "ConvNeXt's authors", nameParts: (part) => [nameAuthorsPart(part)] },
  ],
  readPlans: readConvNeXt,
  draft: draftConvNeXt,
  classWeight: 'classifier.2/bias',
  logits: 'classifier.2',
  defaultEndpoint: (plan) => `features.${2 * plan.stages.length - 1}`,
  root: 'features.0.0',
  heads: [
    { from: 'classifier.2', standIns: { 'classifier.2.weight': [1] } },
    { from: 'classifier.0', standIns: { 'classifier.2.weight': [1] } },
  ],
  lookalikes: {
    pattern: /test_convnext/i,
    what: "timm's test_convnext nets, which have another epsilon and GELU by tanh or SiLU",
    // All published nets of the family double the channels from stage to stage.
    resembles: ({ stages }) => {
      const [first] = stages;
      return stages.some(({ channels }, index) => channels !== first!.channels * 2 ** index);
    },
  },
};

function describe(
  size: string,
  blocks: readonly number[],
  channels: number,
  resize: number,
): TorchNet<ConvNeXtPlan> {
  const stages = blocks.map((count, index) => ({ blocks: count, channels: channels * 2 ** index }));
  return {
    id: `convnext_${size}`,
    title: `ConvNeXt ${size} (PyTorch)`,
    plan: { stages },
    input: { resize, crop: 224, filter: 'bilinear' },
  };
}

function readConvNeXt(find: FindShape): ConvNeXtPlan[] {
  const [, colours, patch] = find('features.0.0.weight') ?? [];
  if (colours !== 3 || patch !== 4 || !find('classifier.2.weight')) return [];
  const stages: ConvNeXtStage[] = [];
  for (let stage = 0; ; stage++) {
    const path = `features.${2 * stage + 1}`;
    const [channels] = find(`${path}.0.block.0.weight`) ?? [];
    if (channels === undefined || !find(`${path}.0.layer_scale`)) break;
    let blocks = 1;
    while (find(`${path}.${blocks}.block.0.weight`)) blocks++;
    stages.push({ blocks, channels });
  }
  return stages.length > 0 ? [{ stages }] : [];
}

function draftConvNeXt(plan: ConvNeXtPlan, size: number, classes: number): NetworkDraft {
  const { draft, image } = startNet(size);
  const { endpoints } = draft;
  const isXxlarge = plan.stages[0]?.channels === XXLARGE.channels;
  const addNormal = (path: string, input: Value): Value =>
    addLayerNorm(draft, path, input, isXxlarge ? XXLARGE.epsilon : EPSILON);
  let last: Value = image;
  plan.stages.forEach(({ blocks, channels }, index) => {
    const before = `features.${2 * index}`;
    if (index === 0) {
      const patches = { channels, size: 4, stride: 4, padding: 0, bias: true };
      const cells = addConv(draft, `${before}.0`, last, patches);
      last = addNormal(`${before}.1`, cells);
    } else {
      const half = { channels, size: 2, stride: 2, padding: 0, bias: true };
      last = addConv(draft, `${before}.1`, addNormal(`${before}.0`, last), half);
    }
    endpoints[before] = last.layer;
    const name = `features.${2 * index + 1}`;
    for (let block = 0; block < blocks; block++) {
      last = addBlock(draft, `${name}.${block}`, last, addNormal);
      endpoints[last.layer] = last.layer;
      endpoints[`stages.${index}.blocks.${block}`] = last.layer;
    }
    endpoints[name] = last.layer;
    endpoints[`stages.${index}`] = last.layer;
  });
  endpoints['features'] = last.layer;
  const pooled = addGlobalPool(draft, 'avgpool', last);
  const normal = addNormal('classifier.0', pooled);
  const logits = addLinear(draft, 'classifier.2', normal, classes);
  Object.assign(endpoints, { avgpool: 'avgpool', 'classifier.2': 'classifier.2' });
  addPredictions(draft, logits);
  return draft;
}

/**
 * `x + scale * dense(gelu(dense(norm(depthwise(x)))))`. A dense layer at each cell is a convolution of 1x1.
 */
function addBlock(
  draft: NetworkDraft,
  path: string,
  input: Value,
  addNormal: (path: string, input: Value) => Value,
): Value {
  const { channels } = input;
  const depthwise = { channels, size: 7, groups: channels, bias: true };
  const spatial = addConv(draft, `${path}.block.0`, input, depthwise);
  const normal = addNormal(`${path}.block.2`, spatial);
  const dense = (number: number, from: Value, units: number): Value =>
    addConv(draft, `${path}.block.${number}`, from, { channels: units, size: 1, bias: true });
  const wide = dense(3, normal, channels * EXPANSION);
  const narrow = dense(5, addFunction(draft, `${path}.block.4`, wide, 'gelu'), channels);
  return addSum(draft, path, input, addLayerScale(draft, `${path}.layer_scale`, narrow));
}

/** One factor for each channel. It is a depthwise convolution of 1x1, which tfjs has. */
function addLayerScale(draft: NetworkDraft, path: string, input: Value): Value {
  draft.weights.push({
    name: `${path}/depthwise_kernel`,
    part: path,
    parameter: 'layer_scale',
    shape: [1, 1, input.channels, 1],
  });
  addLayer(draft, path, 'DepthwiseConv2D', [input.layer], {
    kernel_size: [1, 1],
    strides: [1, 1],
    padding: 'valid',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    depth_multiplier: 1,
    activation: 'linear',
    use_bias: false,
  });
  return { ...input, layer: path };
}

const TIMM_BLOCK: Readonly<Record<string, string>> = {
  layer_scale: 'gamma',
  ...{ 'block.0': 'conv_dw', 'block.2': 'norm', 'block.3': 'mlp.fc1', 'block.5': 'mlp.fc2' },
};
const AUTHORS_BLOCK: Readonly<Record<string, string>> = {
  layer_scale: 'gamma',
  ...{ 'block.0': 'dwconv', 'block.2': 'norm', 'block.3': 'pwconv1', 'block.5': 'pwconv2' },
};

function nameTimmPart(part: string): string {
  const place = splitPart(part);
  if (place === undefined) {
    return { 'classifier.0': 'head.norm', 'classifier.2': 'head.fc' }[part] ?? part;
  }
  const { stage, block, inner } = place;
  if (block !== undefined) return `stages.${stage}.blocks.${block}.${TIMM_BLOCK[inner] ?? inner}`;
  return stage === 0 ? `stem.${inner}` : `stages.${stage}.downsample.${inner}`;
}

function nameAuthorsPart(part: string): string {
  const place = splitPart(part);
  if (place === undefined) {
    return { 'classifier.0': 'norm', 'classifier.2': 'head' }[part] ?? part;
  }
  const { stage, block, inner } = place;
  if (block !== undefined) return `stages.${stage}.${block}.${AUTHORS_BLOCK[inner] ?? inner}`;
  return `downsample_layers.${stage}.${inner}`;
}

/** The stage of `features.3.1.block.0` is 1, its block 1; `features.2.1` leads to stage 1. */
function splitPart(
  part: string,
): { stage: number; block: string | undefined; inner: string } | undefined {
  const [, number, rest = ''] = /^features\.(\d+)\.(.+)$/.exec(part) ?? [];
  if (number === undefined) return undefined;
  const stage = Math.floor(Number(number) / 2);
  if (Number(number) % 2 === 0) return { stage, block: undefined, inner: rest };
  const [block, ...inner] = rest.split('.');
  return { stage, block, inner: inner.join('.') };
}
