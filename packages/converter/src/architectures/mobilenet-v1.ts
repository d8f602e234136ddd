import { describeInceptionInput, nameSlimParameter, type Architecture } from './architecture.ts';
import type { InputSpec } from './architecture.ts';
import {
  addBatchNorm,
  addConvolution,
  addDense,
  addDepthwiseConvolution,
  addActivation,
  addLayer,
  createDraft,
  type NetworkDraft,
} from './network.ts';
import type { LabelSet } from '../labels/labels.ts';

/**
 * MobileNet v1: 13 pairs of a depthwise and a 1x1 convolution, all with ReLU6.
 * Paper: Howard et al., arXiv 1704.04861, table 1; layout and names: slim/nets/mobilenet_v1.py.
 */
export interface MobileNetTable {
  readonly id: string;
  readonly title: string;
  readonly input: InputSpec;
  /** The width multiplier. `auto` takes it from the widths in the source. */
  readonly multiplier: number | 'auto';
  readonly classes: number;
  readonly labels: LabelSet;
}

const ROOT_CHANNELS = 32;
/** Channels at full width, and the stride, of each pair. */
const PAIRS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;
const LAST_CHANNELS = 1024;
const SMALLEST_CHANNELS = 8;
const SCOPE = 'MobilenetV1';
const BATCH_NORM_EPSILON = 1e-3;

/** The published widths. */
export const MOBILENET_WIDTHS = ['1.0', '0.75', '0.5', '0.25'] as const;
export const MOBILENET_SIZES = [224, 192, 160, 128] as const;

const PUBLISHED = { classes: 1001, labels: 'imagenet-1001' } as const;

/** The published nets by width and size, and one net whose width is read from the weights. */
export const MOBILENET_V1_TABLES: readonly MobileNetTable[] = [
  ...MOBILENET_WIDTHS.flatMap((width) =>
    MOBILENET_SIZES.map((size) => ({
      ...PUBLISHED,
      id: `mobilenet_v1_${width}_${size}`,
      title: `MobileNet v1, width ${width}, ${size} px (TF-slim)`,
      input: describeInceptionInput(size),
      multiplier: Number(width),
    })),
  ),
  {
    ...PUBLISHED,
    id: 'mobilenet_v1',
    title: 'MobileNet v1 of any width, 224 px (TF-slim)',
    input: describeInceptionInput(224),
    multiplier: 'auto',
  },
];

/** Makes a MobileNet v1 from its table. */
export function createMobileNetV1(table: MobileNetTable): Architecture {
  const multiplier = table.multiplier === 'auto' ? 1 : table.multiplier;
  const architecture: Architecture = {
    id: table.id,
    title: table.title,
    classes: table.classes,
    labels: table.labels,
    variants: [
      {
        naming: 'tf-slim',
        input: table.input,
        nameWeight: (weight) => [`${SCOPE}/${weight.part}/${nameSlimParameter(weight)}`],
      },
    ],
    classWeight: 'logits/bias',
    logits: 'logits',
    defaultEndpoint: `Conv2d_${PAIRS.length}_pointwise`,
    draft: (classes) => draftMobileNet(table.input, multiplier, classes),
  };
  if (table.multiplier !== 'auto') return architecture;
  return {
    ...architecture,
    specialise(findShape) {
      const last = findShape(`${SCOPE}/Conv2d_${PAIRS.length}_pointwise/weights`)?.at(-1);
      return createMobileNetV1({ ...table, multiplier: (last ?? LAST_CHANNELS) / LAST_CHANNELS });
    },
  };
}

function scaleChannels(channels: number, multiplier: number): number {
  return Math.max(Math.trunc(channels * multiplier), SMALLEST_CHANNELS);
}

function draftMobileNet(input: InputSpec, multiplier: number, classes: number): NetworkDraft {
  const draft = createDraft(input.height, input.width);
  const { endpoints } = draft;
  const finish = (part: string, linear: string, channels: number): string => {
    const epsilon = BATCH_NORM_EPSILON;
    const normal = addBatchNorm(draft, `${part}/bn`, linear, { part, channels, epsilon });
    const output = addLayer(draft, part, 'ReLU', [normal], { max_value: 6 });
    endpoints[part] = output;
    endpoints[`${SCOPE}/${part}`] = output;
    return output;
  };
  let channels = scaleChannels(ROOT_CHANNELS, multiplier);
  const root = { part: 'Conv2d_0', size: 3, inChannels: 3, outChannels: channels, stride: 2 };
  // Unlike in the ResNets, the padding is TensorFlow's SAME for strided convolutions too.
  let last = finish('Conv2d_0', addConvolution(draft, 'Conv2d_0/conv', 'input', root), channels);
  for (const [index, [fullChannels, stride]] of PAIRS.entries()) {
    const depthwise = `Conv2d_${index + 1}_depthwise`;
    const shape = { part: depthwise, size: 3, channels, stride };
    last = finish(
      depthwise,
      addDepthwiseConvolution(draft, `${depthwise}/conv`, last, shape),
      channels,
    );
    const pointwise = `Conv2d_${index + 1}_pointwise`;
    const outChannels = scaleChannels(fullChannels, multiplier);
    const mix = { part: pointwise, size: 1, inChannels: channels, outChannels };
    last = finish(pointwise, addConvolution(draft, `${pointwise}/conv`, last, mix), outChannels);
    channels = outChannels;
  }
  const pooled = addLayer(draft, 'global_pool', 'GlobalAveragePooling2D', [last], {
    data_format: 'channels_last',
  });
  const part = 'Logits/Conv2d_1c_1x1';
  addDense(draft, 'logits', pooled, { part, inUnits: channels, units: classes });
  addActivation(draft, 'predictions', 'logits', 'softmax');
  Object.assign(endpoints, {
    AvgPool_1a: pooled,
    global_pool: pooled,
    Logits: 'logits',
    logits: 'logits',
    Predictions: 'predictions',
    predictions: 'predictions',
  });
  return draft;
}
