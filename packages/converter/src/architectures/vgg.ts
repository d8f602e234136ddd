import {
  CAFFE_MEAN,
  describeMeanInput,
  nameSlimParameter,
  SLIM_MEAN,
  type Architecture,
  type Variant,
} from './architecture.ts';
import {
  addActivation,
  addConvolution,
  addDense,
  addLayer,
  addMaxPool,
  createDraft,
  type NetworkDraft,
  type WeightRecord,
} from './network.ts';
import type { LabelSet } from '../labels/labels.ts';

/**
 * VGG: stages of 3x3 convolutions with a 2x2 pooling after each stage, then three dense layers. Paper:
 * Simonyan and Zisserman, arXiv 1409.1556, table 1 (columns D and E).
 */
export interface VggTable {
  readonly id: string;
  readonly title: string;
  /** The scope in TF-slim's checkpoint, `vgg_16`. */
  readonly scope: string;
  /** Height and width of the input in pixels. */
  readonly size: number;
  /** The channels of each convolution, by stage. */
  readonly stages: readonly (readonly number[])[];
  /** The number of units of fc6 and fc7. */
  readonly hidden: readonly [number, number];
  readonly classes: number;
  readonly labels: LabelSet;
  /** The naming that is tried first. */
  readonly prefer: 'tensorflow-vgg' | 'tf-slim';
  /** The share of the short side that the crop keeps, for each naming. */
  readonly cropFraction: Readonly<Record<'tensorflow-vgg' | 'tf-slim', number>>;
}

const VGG_16 = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;

const VGG_19 = [
  [64, 64],
  [128, 128],
  [256, 256, 256, 256],
  [512, 512, 512, 512],
  [512, 512, 512, 512],
] as const;

const PUBLISHED = {
  size: 224,
  hidden: [4096, 4096],
  classes: 1000,
  labels: 'imagenet-1000',
  // The demo of the .npy nets crops the whole short side. TF-slim resizes it to 256 and crops 224.
  cropFraction: { 'tensorflow-vgg': 1, 'tf-slim': 0.875 },
} as const;

const NPY = { ...PUBLISHED, prefer: 'tensorflow-vgg' } as const;
const SLIM = { ...PUBLISHED, prefer: 'tf-slim' } as const;

/** The published VGG nets. The two names of each net differ in the form of weights that is expected first. */
export const VGG_TABLES: readonly VggTable[] = [
  { ...NPY, id: 'vgg16', title: 'VGG16 (.npy, BGR)', scope: 'vgg_16', stages: VGG_16 },
  { ...NPY, id: 'vgg19', title: 'VGG19 (.npy, BGR)', scope: 'vgg_19', stages: VGG_19 },
  { ...SLIM, id: 'vgg_16', title: 'VGG16 (TF-slim, RGB)', scope: 'vgg_16', stages: VGG_16 },
  { ...SLIM, id: 'vgg_19', title: 'VGG19 (TF-slim, RGB)', scope: 'vgg_19', stages: VGG_19 },
];

/** Makes a VGG from its table. */
export function createVgg(table: VggTable): Architecture {
  const lastStage = table.stages.length;
  const variants = [describeNpyVariant(table), describeSlimVariant(table)];
  return {
    id: table.id,
    title: table.title,
    classes: table.classes,
    labels: table.labels,
    variants: table.prefer === 'tf-slim' ? variants.reverse() : variants,
    classWeight: 'fc8/bias',
    logits: 'fc8',
    defaultEndpoint: `conv${lastStage}_${table.stages.at(-1)?.length ?? 1}`,
    draft: (classes) => draftVgg(table, classes),
  };
}

function draftVgg(table: VggTable, classes: number): NetworkDraft {
  const draft = createDraft(table.size, table.size);
  const { endpoints } = draft;
  const { scope } = table;
  let channels = 3;
  let grid = table.size;
  let last = 'input';
  table.stages.forEach((widths, index) => {
    const stage = index + 1;
    widths.forEach((outChannels, repeat) => {
      const part = `conv${stage}_${repeat + 1}`;
      const shape = { part, size: 3, inChannels: channels, outChannels, useBias: true };
      const linear = addConvolution(draft, `${part}/conv`, last, shape);
      last = addActivation(draft, part, linear, 'relu');
      endpoints[part] = last;
      endpoints[`${scope}/conv${stage}/${part}`] = last;
      channels = outChannels;
    });
    // Some sources use SAME here and others VALID. On grids of even size the two are the same.
    const pool = { size: 2, stride: 2, padding: 'valid' } as const;
    last = addMaxPool(draft, `pool${stage}`, last, pool);
    endpoints[last] = last;
    endpoints[`${scope}/${last}`] = last;
    grid = Math.floor(grid / 2);
  });
  last = addLayer(draft, 'flatten', 'Flatten', [last], { data_format: 'channels_last' });
  let units = grid * grid * channels;
  for (const [index, width] of table.hidden.entries()) {
    const part = `fc${index + 6}`;
    const linear = addDense(draft, `${part}/dense`, last, { part, inUnits: units, units: width });
    last = addActivation(draft, part, linear, 'relu');
    endpoints[part] = last;
    endpoints[`${scope}/${part}`] = last;
    units = width;
  }
  addDense(draft, 'fc8', last, { part: 'fc8', inUnits: units, units: classes });
  addActivation(draft, 'predictions', 'fc8', 'softmax');
  return {
    ...draft,
    endpoints: { ...endpoints, fc8: 'fc8', [`${scope}/fc8`]: 'fc8', predictions: 'predictions' },
  };
}

/** `{conv1_1: [W, b]}` as in tensorflow-vgg's files, or `{conv1_1: {weights, biases}}`. */
function describeNpyVariant(table: VggTable): Variant {
  return {
    naming: 'tensorflow-vgg',
    input: describeMeanInput({
      size: table.size,
      channelOrder: 'bgr',
      mean: CAFFE_MEAN,
      cropFraction: table.cropFraction['tensorflow-vgg'],
    }),
    nameWeight({ part, parameter }) {
      return parameter === 'kernel'
        ? [`${part}/0`, `${part}/weights`, `${part}_W`]
        : [`${part}/1`, `${part}/biases`, `${part}_b`];
    },
  };
}

/** TF-slim's checkpoint, in which the dense layers are convolutions over the whole grid. */
function describeSlimVariant(table: VggTable): Variant {
  return {
    naming: 'tf-slim',
    input: describeMeanInput({
      size: table.size,
      channelOrder: 'rgb',
      mean: SLIM_MEAN,
      cropFraction: table.cropFraction['tf-slim'],
    }),
    nameWeight(weight: WeightRecord) {
      const stage = /^conv\d+(?=_)/.exec(weight.part)?.[0];
      const path = stage === undefined ? weight.part : `${stage}/${weight.part}`;
      return [`${table.scope}/${path}/${nameSlimParameter(weight)}`];
    },
  };
}
