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
 * What both versions of TF-slim's ResNets share: the stride sits in the last unit of a block, strided
 * convolutions pad by hand, the head is a 1x1 convolution. Spec: slim/nets/resnet_utils.py.
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

/** Units of each block by the number of layers that a published net is named after. */
const PUBLISHED_UNITS = { 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3] } as const;

/** Tables of the published nets of one version, which differ in depth alone. */
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

/** Blocks of the published nets from the numbers of their units. */
function describeBlocks(units: readonly number[]): ResNetBlock[] {
  return units.map((count, index) => ({
    name: `block${index + 1}`,
    baseDepth: 64 * 2 ** index,
    units: count,
    stride: index < units.length - 1 ? 2 : 1,
  }));
}

/** The smallest convolution of a unit or root, as TF-slim's `conv2d_same` pads it. */
export interface UnitConvolution {
  /** Name of the convolution in the source, which its layers start with. */
  readonly part: string;
  readonly size: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: number;
}

/**
 * `conv2d_same`: explicit zeros before a strided kernel, where TensorFlow's SAME would put them
 * elsewhere on even grids. Its layer is `<part>/conv`.
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

/** Every stride-th cell, which TF-slim takes by pooling single cells. */
export function addSubsample(
  draft: NetworkDraft,
  name: string,
  input: string,
  stride: number,
): string {
  if (stride === 1) return input;
  return addMaxPool(draft, name, input, { size: 1, stride, padding: 'valid' });
}

/** Adds the root pool, which both versions have after their first convolution. */
export function addRootPool(draft: NetworkDraft, input: string, scope: string): string {
  const pool = addMaxPool(draft, 'pool1', input, { size: 3, stride: 2, padding: 'same' });
  nameEndpoint(draft, scope, 'pool1', pool);
  return pool;
}

/**
 * Adds mean over the grid, class scores and probabilities. TF-slim's scores are a 1x1 convolution on
 * the pooled 1x1 grid: the same bytes as a dense layer.
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
