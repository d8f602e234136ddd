import type { LabelSet } from '../labels/labels.ts';
import type { InputSpec } from './architecture.ts';
import {
  addActivation,
  addConvolution,
  addDense,
  addLayer,
  addMaxPool,
  addZeroPadding,
  type NetworkDraft,
} from './network.ts';

/**
 * What both versions of TF-slim's ResNets share: the last unit of a block has the stride, strided
 * convolutions have explicit padding, and the head is a 1x1 convolution. Specification:
 * slim/nets/resnet_utils.py.
 */
export interface ResNetTable {
  readonly id: string;
  readonly title: string;
  /** The scope of the names in the checkpoint. */
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
  /** Channels inside a unit. The unit's output has four times as many. */
  readonly baseDepth: number;
  readonly units: number;
  /** The stride of the block's last unit. */
  readonly stride: number;
}

/** Output channels of a unit for each channel inside it. */
export const BOTTLENECK_EXPANSION = 4;

/** The number of units in each block, by the number of layers in a published net's name. */
const PUBLISHED_UNITS = { 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3] } as const;

/** Tables of the published nets of one version, which differ only in depth. */
export function describePublishedNets(
  version: 'v1' | 'v2',
  facts: Pick<ResNetTable, 'input' | 'classes' | 'labels'>,
): ResNetTable[] {
  return Object.entries(PUBLISHED_UNITS).map(([layers, units]) => ({
    ...facts,
    id: `resnet_${version}_${layers}`,
    title: `ResNet-${layers} ${version} (TF-slim)`,
    scope: `resnet_${version}_${layers}`,
    rootChannels: 64,
    batchNormEpsilon: 1e-5,
    blocks: describeBlocks(units),
  }));
}

/** Makes the blocks of a published net from the numbers of their units. */
function describeBlocks(units: readonly number[]): ResNetBlock[] {
  return units.map((count, index) => ({
    name: `block${index + 1}`,
    baseDepth: 64 * 2 ** index,
    units: count,
    stride: index < units.length - 1 ? 2 : 1,
  }));
}

/** A convolution of a unit or of the root, padded like TF-slim's `conv2d_same`. */
export interface UnitConvolution {
  /** Name of the convolution in the source, with which the names of its layers begin. */
  readonly part: string;
  readonly size: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: number;
}

/**
 * Adds a convolution like `conv2d_same`: with explicit zeros before a strided kernel, because TensorFlow's
 * SAME would put them in other places on grids of even size. Its layer is `<part>/conv`.
 */
export function addPaddedConvolution(
  draft: NetworkDraft,
  input: string,
  shape: UnitConvolution,
  useBias = false,
): string {
  const { part, size, stride } = shape;
  const explicit = stride > 1 && size > 1;
  const padded = explicit ? addZeroPadding(draft, `${part}/pad`, input, (size - 1) / 2) : input;
  const padding = explicit ? 'valid' : 'same';
  return addConvolution(draft, `${part}/conv`, padded, { ...shape, padding, useBias });
}

/** Keeps every stride-th cell. TF-slim does this by pooling single cells. */
export function addSubsample(
  draft: NetworkDraft,
  name: string,
  input: string,
  stride: number,
): string {
  if (stride === 1) return input;
  return addMaxPool(draft, name, input, { size: 1, stride, padding: 'valid' });
}

/** Adds the pooling that both versions have after their first convolution. */
export function addRootPool(draft: NetworkDraft, input: string, scope: string): string {
  const pool = addMaxPool(draft, 'pool1', input, { size: 3, stride: 2, padding: 'same' });
  nameEndpoint(draft, scope, 'pool1', pool);
  return pool;
}

/**
 * Adds the mean over the grid, the class scores and the probabilities. TF-slim's scores are a 1x1
 * convolution on the pooled 1x1 grid, whose weights have the same bytes as those of a dense layer.
 */
export function addHead(
  draft: NetworkDraft,
  input: string,
  options: { scope: string; channels: number; classes: number },
): void {
  const { scope, channels, classes } = options;
  const pooled = addLayer(draft, 'global_pool', 'GlobalAveragePooling2D', [input], {
    data_format: 'channels_last',
  });
  addDense(draft, 'logits', pooled, { part: 'logits', inUnits: channels, units: classes });
  addActivation(draft, 'predictions', 'logits', 'softmax');
  nameEndpoint(draft, scope, 'logits', 'logits');
  draft.endpoints['global_pool'] = pooled;
  draft.endpoints['predictions'] = 'predictions';
}

/** Makes a layer an endpoint under its short name and under TF-slim's full one. */
export function nameEndpoint(
  draft: NetworkDraft,
  scope: string,
  name: string,
  layer: string,
): void {
  draft.endpoints[name] = layer;
  draft.endpoints[`${scope}/${name}`] = layer;
}

/** Makes a unit and its parts endpoints under their short names and under TF-slim's full ones. */
export function nameUnitEndpoints(
  draft: NetworkDraft,
  full: string,
  name: string,
  parts: Readonly<Record<string, string>>,
  output: string,
): void {
  for (const [part, layer] of Object.entries(parts)) {
    draft.endpoints[`${name}/${part}`] = layer;
    draft.endpoints[`${full}/${part}`] = layer;
  }
  draft.endpoints[name] = output;
  draft.endpoints[full] = output;
}
