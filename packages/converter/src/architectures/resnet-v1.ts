import {
  describeMeanInput,
  nameSlimParameter,
  SLIM_MEAN,
  type Architecture,
  type InputSpec,
} from './architecture.ts';
import {
  addActivation,
  addBatchNorm,
  addConvolution,
  addDense,
  addLayer,
  addMaxPool,
  addZeroPadding,
  createDraft,
  type NetworkDraft,
} from './network.ts';
import type { LabelSet } from '../labels/labels.ts';

/**
 * ResNet v1 as TF-slim builds it: the stride sits in the last unit of a block, strided convolutions
 * pad by hand. Paper: He et al., arXiv 1512.03385, table 1; layout: slim/nets/resnet_v1.py.
 */
export interface ResNetTable {
  readonly id: string;
  readonly title: string;
  /** Scope of the checkpoint's names. */
  readonly scope: string;
  readonly input: InputSpec;
  /** Channels of the first convolution. */
  readonly rootChannels: number;
  readonly blocks: readonly ResNetBlock[];
  readonly batchNormEpsilon: number;
  readonly classes: number;
  readonly labels: LabelSet;
}

/** A block of bottleneck units. */
export interface ResNetBlock {
  readonly name: string;
  /** Channels inside a unit; it puts out four times as many. */
  readonly baseDepth: number;
  readonly units: number;
  /** Of the last unit. */
  readonly stride: number;
}

/** Channels out per base depth. */
export const BOTTLENECK_EXPANSION = 4;

/** Blocks of the published nets from the numbers of their units. */
export function describeBlocks(units: readonly number[]): ResNetBlock[] {
  return units.map((count, index) => ({
    name: `block${index + 1}`,
    baseDepth: 64 * 2 ** index,
    units: count,
    stride: index < units.length - 1 ? 2 : 1,
  }));
}

const PUBLISHED = {
  input: describeMeanInput({
    size: 224,
    channelOrder: 'rgb',
    mean: SLIM_MEAN,
    cropFraction: 0.875,
  }),
  rootChannels: 64,
  batchNormEpsilon: 1e-5,
  classes: 1000,
  labels: 'imagenet-1000',
} as const;

/** The published ResNet v1 nets. */
export const RESNET_V1_TABLES: readonly ResNetTable[] = (
  [
    [50, [3, 4, 6, 3]],
    [101, [3, 4, 23, 3]],
    [152, [3, 8, 36, 3]],
  ] as const
).map(([layers, units]) => ({
  ...PUBLISHED,
  id: `resnet_v1_${layers}`,
  title: `ResNet-${layers} v1 (TF-slim)`,
  scope: `resnet_v1_${layers}`,
  blocks: describeBlocks(units),
}));

/** Makes a ResNet v1 from its table. */
export function createResNetV1(table: ResNetTable): Architecture {
  const { scope } = table;
  return {
    id: table.id,
    title: table.title,
    classes: table.classes,
    labels: table.labels,
    variants: [
      {
        naming: 'tf-slim',
        input: table.input,
        nameWeight(weight) {
          const path = weight.part.replace(/(unit_\d+)/, '$1/bottleneck_v1');
          return [`${scope}/${path}/${nameSlimParameter(weight)}`];
        },
      },
    ],
    classWeight: 'logits/bias',
    logits: 'logits',
    defaultEndpoint: table.blocks.at(-1)?.name ?? 'conv1',
    draft: (classes) => draftResNet(table, classes),
  };
}

function draftResNet(table: ResNetTable, classes: number): NetworkDraft {
  const { scope } = table;
  const draft = createDraft(table.input.height, table.input.width);
  const { endpoints } = draft;
  const root = { part: 'conv1', size: 7, inChannels: 3, outChannels: table.rootChannels };
  let last = addUnitConvolution(draft, table, 'input', { ...root, stride: 2 }, true);
  endpoints['conv1'] = last;
  endpoints[`${scope}/conv1`] = last;
  last = addMaxPool(draft, 'pool1', last, { size: 3, stride: 2, padding: 'same' });
  endpoints['pool1'] = last;
  endpoints[`${scope}/pool1`] = last;
  let channels = table.rootChannels;
  for (const block of table.blocks) {
    for (let unit = 1; unit <= block.units; unit++) {
      const stride = unit === block.units ? block.stride : 1;
      const name = `${block.name}/unit_${unit}`;
      last = addBottleneck(draft, table, name, last, channels, block.baseDepth, stride);
      channels = block.baseDepth * BOTTLENECK_EXPANSION;
    }
    endpoints[block.name] = last;
    endpoints[`${scope}/${block.name}`] = last;
  }
  last = addLayer(draft, 'global_pool', 'GlobalAveragePooling2D', [last], {
    data_format: 'channels_last',
  });
  // TF-slim's head is a 1x1 convolution on the pooled 1x1 grid: the same bytes as a dense layer.
  addDense(draft, 'logits', last, { part: 'logits', inUnits: channels, units: classes });
  addActivation(draft, 'predictions', 'logits', 'softmax');
  Object.assign(endpoints, {
    global_pool: 'global_pool',
    logits: 'logits',
    [`${scope}/logits`]: 'logits',
    predictions: 'predictions',
  });
  return draft;
}

/** `relu(shortcut + conv3(conv2(conv1(x))))`; the sum's ReLU carries the unit's name. */
function addBottleneck(
  draft: NetworkDraft,
  table: ResNetTable,
  name: string,
  input: string,
  inChannels: number,
  baseDepth: number,
  stride: number,
): string {
  const outChannels = baseDepth * BOTTLENECK_EXPANSION;
  const inner = { inChannels: baseDepth, outChannels: baseDepth };
  const conv = (part: string) => ({ part: `${name}/${part}` });
  const shortcut =
    inChannels === outChannels
      ? addSubsample(draft, `${name}/subsample`, input, stride)
      : addUnitConvolution(
          draft,
          table,
          input,
          { ...conv('shortcut'), size: 1, inChannels, outChannels, stride },
          false,
        );
  const first = { ...conv('conv1'), size: 1, stride: 1, inChannels, outChannels: baseDepth };
  const second = { ...conv('conv2'), size: 3, stride, ...inner };
  const third = { ...conv('conv3'), size: 1, stride: 1, inChannels: baseDepth, outChannels };
  const reduced = addUnitConvolution(draft, table, input, first, true);
  const spatial = addUnitConvolution(draft, table, reduced, second, true);
  const residual = addUnitConvolution(draft, table, spatial, third, false);
  const sum = addLayer(draft, `${name}/add`, 'Add', [shortcut, residual]);
  const output = addActivation(draft, name, sum, 'relu');
  const full = `${table.scope}/${name}/bottleneck_v1`;
  const parts: Record<string, string> = { conv1: reduced, conv2: spatial, conv3: residual };
  if (inChannels !== outChannels) parts['shortcut'] = shortcut;
  for (const [part, layer] of Object.entries(parts)) {
    draft.endpoints[`${name}/${part}`] = layer;
    draft.endpoints[`${full}/${part}`] = layer;
  }
  draft.endpoints[name] = output;
  draft.endpoints[full] = output;
  return output;
}

/** Every stride-th cell, which TF-slim takes by pooling single cells. */
function addSubsample(draft: NetworkDraft, name: string, input: string, stride: number): string {
  if (stride === 1) return input;
  return addMaxPool(draft, name, input, { size: 1, stride, padding: 'valid' });
}

/** Convolution without bias, batch normalisation and, if wanted, a ReLU that carries the name. */
function addUnitConvolution(
  draft: NetworkDraft,
  table: ResNetTable,
  input: string,
  shape: {
    part: string;
    size: number;
    inChannels: number;
    outChannels: number;
    stride: number;
  },
  relu: boolean,
): string {
  const { part, size, stride, outChannels: channels } = shape;
  // conv2d_same: explicit zeros before a strided kernel; TensorFlow's SAME would put them elsewhere.
  const explicit = stride > 1 && size > 1;
  const padded = explicit ? addZeroPadding(draft, `${part}/pad`, input, (size - 1) / 2) : input;
  const padding = explicit ? 'valid' : 'same';
  const linear = addConvolution(draft, `${part}/conv`, padded, { ...shape, padding });
  const epsilon = table.batchNormEpsilon;
  const normal = addBatchNorm(draft, `${part}/bn`, linear, { part, channels, epsilon });
  return relu ? addActivation(draft, part, normal, 'relu') : normal;
}
