import { addLayer, type NetworkDraft } from '../network.ts';
import { UnsupportedError } from '../../errors.ts';
import type { FindShape, TorchFamily, TorchNet } from './family.ts';
import {
  addAveragePool,
  addConv,
  addLinear,
  addMaxPoolAfterRelu,
  addPredictions,
  addRelu,
  startNet,
  type Value,
} from './torch-layers.ts';
import { addNorm } from './normalisations.ts';

/**
 * VGG with or without batch normalisation. Paper: Simonyan and Zisserman, arXiv 1409.1556. Layout and names:
 * torchvision/models/vgg.py. timm names only the dense layers in another way.
 */
export interface VggPlan {
  /** The channels of each convolution, by stage. */
  readonly stages: readonly (readonly number[])[];
  readonly norm: boolean;
  /** The number of units of the two hidden layers. */
  readonly hidden: readonly number[];
}

/** The grid on which the dense layers work, whatever the size of the picture. */
const GRID = 7;

/** The number of units of each hidden layer of the published nets. */
const HIDDEN = 4096;

const REPEATS = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
} as const;
const CHANNELS = [64, 128, 256, 512, 512] as const;

const TIMM_PARTS: Readonly<Record<string, string>> = {
  'classifier.0': 'pre_logits.fc1',
  'classifier.3': 'pre_logits.fc2',
  'classifier.6': 'head.fc',
};

/** The family of VGGs. */
export const TORCH_VGG: TorchFamily<VggPlan> = {
  id: 'vgg',
  title: 'VGG',
  activation: 'ReLU',
  nets: Object.entries(REPEATS).flatMap(([layers, repeats]) =>
    [false, true].map((norm): TorchNet<VggPlan> => ({
      id: `vgg${layers}${norm ? '_bn' : ''}`,
      title: `VGG-${layers}${norm ? ' with batch normalisation' : ''} (PyTorch)`,
      plan: {
        stages: repeats.map((count, index) => Array<number>(count).fill(CHANNELS[index]!)),
        norm,
        hidden: [HIDDEN, HIDDEN],
      },
    })),
  ),
  namings: [
    { library: 'torchvision' },
    { library: 'timm', nameParts: (part) => [TIMM_PARTS[part] ?? part] },
  ],
  readPlans: readVgg,
  draft: draftVgg,
  classWeight: 'classifier.6/bias',
  logits: 'classifier.6',
  // The ReLU before the last pooling.
  defaultEndpoint: (plan) => `features.${countModules(plan) - 2}`,
  root: 'features.0',
  heads: [
    { from: 'classifier.6', standIns: { 'classifier.6.weight': [1] } },
    {
      from: 'classifier.0',
      standIns: {
        'classifier.0.weight': [HIDDEN],
        'classifier.3.weight': [HIDDEN],
        'classifier.6.weight': [1],
      },
    },
  ],
};

function countModules({ stages, norm }: VggPlan): number {
  return stages.flat().length * (norm ? 3 : 2) + stages.length;
}

/** Modules without weights, ReLUs and poolings, show in the numbers that are missing. */
function readVgg(find: FindShape): VggPlan[] {
  const [first] = find('classifier.0.weight') ?? [];
  const [second] = find('classifier.3.weight') ?? [];
  if (first === undefined || second === undefined || !find('classifier.6.weight')) return [];
  const norm = find('features.1.running_mean') !== undefined;
  const stages: number[][] = [[]];
  for (let index = 0; ;) {
    const [channels, inputs, size] = find(`features.${index}.weight`) ?? [];
    if (channels === undefined || size !== 3 || (index === 0 && inputs !== 3)) return [];
    stages.at(-1)!.push(channels);
    index += norm ? 3 : 2;
    if (find(`features.${index}.weight`)) continue;
    if (!find(`features.${index + 1}.weight`)) break;
    stages.push([]);
    index++;
  }
  return [{ stages, norm, hidden: [first, second] }];
}

function draftVgg(plan: VggPlan, size: number, classes: number): NetworkDraft {
  const { draft, image } = startNet(size);
  let last: Value = image;
  let index = 0;
  const mark = (value: Value): Value => {
    draft.endpoints[value.layer] = value.layer;
    index++;
    return value;
  };
  for (const widths of plan.stages) {
    for (const channels of widths) {
      const conv = { channels, size: 3, bias: true };
      last = mark(addConv(draft, `features.${index}`, last, conv));
      if (plan.norm) last = mark(addNorm(draft, `features.${index}`, last));
      last = mark(addRelu(draft, `features.${index}`, last));
    }
    last = mark(addMaxPoolAfterRelu(draft, `features.${index}`, last, { size: 2, stride: 2 }));
  }
  draft.endpoints['features'] = last.layer;
  last = addGrid(draft, last);
  addLayer(draft, 'flatten', 'Flatten', [last.layer], { data_format: 'channels_last' });
  last = { ...last, layer: 'flatten' };
  plan.hidden.forEach((units, layer) => {
    const linear = addLinear(draft, `classifier.${layer * 3}`, last, units);
    last = addRelu(draft, `classifier.${layer * 3 + 1}`, linear);
    draft.endpoints[last.layer] = last.layer;
  });
  const logits = addLinear(draft, 'classifier.6', last, classes);
  draft.endpoints['classifier.6'] = 'classifier.6';
  addPredictions(draft, logits);
  return draft;
}

/** `nn.AdaptiveAvgPool2d(7)`, which does nothing for pictures of 224 pixels. */
function addGrid(draft: NetworkDraft, input: Value): Value {
  const factor = input.height / GRID;
  if (factor === 1) return input;
  if (Number.isInteger(factor)) return addAveragePool(draft, 'avgpool', input, factor);
  throw new UnsupportedError(
    'size of a VGG',
    `pictures of this size give a grid of ${input.height}x${input.width}, which is no multiple of 7x7`,
  );
}
