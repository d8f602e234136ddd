import type { NetworkDraft } from '../network.ts';
import type { FindShape, TorchFamily } from './family.ts';
import {
  addConcatenation,
  addConv,
  addGlobalPool,
  addMaxPoolAfterRelu,
  addPredictions,
  addRelu,
  startNet,
  type Value,
} from './torch-layers.ts';

/**
 * SqueezeNet: modules that narrow, and widen again with kernels of two sizes. Paper: Iandola et al., arXiv
 * 1602.07360. Layout and names: torchvision/models/squeezenet.py.
 */
export interface SqueezeNetPlan {
  /** The first convolution, which has no padding. */
  readonly root: { readonly channels: number; readonly size: number };
  /** The modules from `features.2` on: channels of a fire module, or a pooling. */
  readonly modules: readonly (Fire | 'pool')[];
}

/** Channels of a fire module: inside, and of its two outputs. */
export interface Fire {
  readonly squeeze: number;
  readonly expand1x1: number;
  readonly expand3x3: number;
}

/** The number of the first module after the first convolution and its ReLU. */
const FIRST = 2;
const MODULES = 13;
const SQUEEZES = [16, 16, 32, 32, 48, 48, 64, 64] as const;
const POOL = { size: 3, stride: 2, ceil: true } as const;

/** The family of SqueezeNets. */
export const TORCH_SQUEEZENET: TorchFamily<SqueezeNetPlan> = {
  id: 'squeezenet',
  title: 'SqueezeNet',
  activation: 'ReLU',
  nets: [
    {
      id: 'squeezenet1_0',
      title: 'SqueezeNet 1.0 (PyTorch)',
      plan: { root: { channels: 96, size: 7 }, modules: listModules([0, 4, 9]) },
    },
    {
      id: 'squeezenet1_1',
      title: 'SqueezeNet 1.1 (PyTorch)',
      plan: { root: { channels: 64, size: 3 }, modules: listModules([0, 3, 6]) },
    },
  ],
  namings: [{ library: 'torchvision' }],
  readPlans: readSqueezeNet,
  draft: draftSqueezeNet,
  classWeight: 'classifier.1/bias',
  logits: 'classifier.3',
  defaultEndpoint: (plan) => `features.${plan.modules.length + FIRST - 1}`,
  root: 'features.0',
  // Its own head is a convolution, behind which the mean is taken.
  heads: [{ from: 'classifier.1', takesGrid: true, standIns: { 'classifier.1.weight': [1] } }],
};

/** @param pools the places of the poolings */
function listModules(pools: readonly number[]): SqueezeNetPlan['modules'] {
  const squeezes = [...SQUEEZES];
  return Array.from({ length: MODULES - FIRST }, (_, index) => {
    if (pools.includes(index)) return 'pool';
    const squeeze = squeezes.shift()!;
    return { squeeze, expand1x1: squeeze * 4, expand3x3: squeeze * 4 };
  });
}

function readSqueezeNet(find: FindShape): SqueezeNetPlan[] {
  const [channels, colours, size] = find('features.0.weight') ?? [];
  const isNet = find('features.12.squeeze.weight') && find('classifier.1.weight');
  if (channels === undefined || size === undefined || colours !== 3 || !isNet) return [];
  const modules = Array.from({ length: MODULES - FIRST }, (_, index): Fire | 'pool' => {
    const path = `features.${index + FIRST}`;
    const [squeeze] = find(`${path}.squeeze.weight`) ?? [];
    const [expand1x1 = 0] = find(`${path}.expand1x1.weight`) ?? [];
    const [expand3x3 = 0] = find(`${path}.expand3x3.weight`) ?? [];
    return squeeze === undefined ? 'pool' : { squeeze, expand1x1, expand3x3 };
  });
  return [{ root: { channels, size }, modules }];
}

function draftSqueezeNet(plan: SqueezeNetPlan, size: number, classes: number): NetworkDraft {
  const { draft, image } = startNet(size);
  const { endpoints } = draft;
  const root = { ...plan.root, stride: 2, padding: 0, bias: true };
  let last = addRelu(draft, 'features.1', addConv(draft, 'features.0', image, root));
  Object.assign(endpoints, { 'features.0': 'features.0', 'features.1': 'features.1' });
  plan.modules.forEach((module, index) => {
    const path = `features.${index + FIRST}`;
    last =
      module === 'pool'
        ? addMaxPoolAfterRelu(draft, path, last, POOL)
        : addFire(draft, path, last, module);
    endpoints[path] = path;
  });
  endpoints['features'] = last.layer;
  const scores = { channels: classes, size: 1, bias: true };
  const rectified = addRelu(draft, 'classifier.2', addConv(draft, 'classifier.1', last, scores));
  const logits = addGlobalPool(draft, 'classifier.3', rectified);
  for (const name of ['1', '2', '3']) endpoints[`classifier.${name}`] = `classifier.${name}`;
  addPredictions(draft, logits);
  return draft;
}

function addFire(draft: NetworkDraft, path: string, input: Value, fire: Fire): Value {
  const add = (part: string, from: Value, channels: number, size: number): Value =>
    addRelu(
      draft,
      `${path}.${part}_activation`,
      addConv(draft, `${path}.${part}`, from, { channels, size, bias: true }),
    );
  const squeezed = add('squeeze', input, fire.squeeze, 1);
  const narrow = add('expand1x1', squeezed, fire.expand1x1, 1);
  return addConcatenation(draft, path, [narrow, add('expand3x3', squeezed, fire.expand3x3, 3)]);
}
