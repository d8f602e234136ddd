import type { NetworkDraft } from '../network.ts';
import type { FindShape, TorchFamily, TorchNet } from './family.ts';
import {
  addConv,
  addGlobalPool,
  addLinear,
  addMaxPoolAfterRelu,
  addPredictions,
  addRelu,
  addSum,
  startNet,
  type Value,
} from './torch-layers.ts';
import { addNorm } from './normalisations.ts';

/**
 * ResNet, ResNeXt and Wide ResNet, which differ only in numbers. The stride of a bottleneck is at its 3x3
 * convolution. Papers: He et al., arXiv 1512.03385; Xie et al., 1611.05431; Zagoruyko and Komodakis,
 * 1605.07146. Layout and names: torchvision/models/resnet.py; timm has the same names.
 */
export interface ResNetPlan {
  readonly unit: 'basic' | 'bottleneck';
  /** Channels of the first convolution. */
  readonly root: number;
  /** Groups of the 3x3 convolutions in bottlenecks. */
  readonly groups: number;
  readonly stages: readonly ResNetStage[];
}

/** A stage of units. All stages except the first halve the grid. */
export interface ResNetStage {
  readonly units: number;
  /** Channels inside a unit. */
  readonly width: number;
  /** Channels of a unit's output. */
  readonly channels: number;
}

/** The family of ResNets. */
export const TORCH_RESNET: TorchFamily<ResNetPlan> = {
  id: 'resnet',
  title: 'ResNet',
  activation: 'ReLU',
  nets: [
    describe('resnet18', 'ResNet-18', 'basic', [2, 2, 2, 2]),
    describe('resnet34', 'ResNet-34', 'basic', [3, 4, 6, 3]),
    describe('resnet50', 'ResNet-50', 'bottleneck', [3, 4, 6, 3]),
    describe('resnet101', 'ResNet-101', 'bottleneck', [3, 4, 23, 3]),
    describe('resnet152', 'ResNet-152', 'bottleneck', [3, 8, 36, 3]),
    describe('resnext50_32x4d', 'ResNeXt-50 32x4d', 'bottleneck', [3, 4, 6, 3], 32, 2),
    describe('resnext101_32x8d', 'ResNeXt-101 32x8d', 'bottleneck', [3, 4, 23, 3], 32, 4),
    describe('resnext101_64x4d', 'ResNeXt-101 64x4d', 'bottleneck', [3, 4, 23, 3], 64, 4),
    describe('wide_resnet50_2', 'Wide ResNet-50-2', 'bottleneck', [3, 4, 6, 3], 1, 2),
    describe('wide_resnet101_2', 'Wide ResNet-101-2', 'bottleneck', [3, 4, 23, 3], 1, 2),
  ],
  namings: [{ library: 'torchvision and timm' }],
  readPlans: readResNet,
  draft: draftResNet,
  classWeight: 'fc/bias',
  logits: 'fc',
  defaultEndpoint: (plan) => `layer${plan.stages.length}`,
  root: 'conv1',
  heads: [{ from: 'fc', standIns: { 'fc.weight': [1] } }],
  lookalikes: {
    pattern: /resnet(blur|aa)\d/i,
    what: "timm's resnetblur and resnetaa, which smooth values before they halve the grid",
  },
};

/** @param widen channels inside a bottleneck, as a multiple of those of ResNet-50 */
function describe(
  id: string,
  title: string,
  unit: ResNetPlan['unit'],
  units: readonly number[],
  groups = 1,
  widen = 1,
): TorchNet<ResNetPlan> {
  const stages = units.map((count, index) => {
    const base = 64 * 2 ** index;
    return { units: count, width: base * widen, channels: unit === 'basic' ? base : base * 4 };
  });
  return { id, title: `${title} (PyTorch)`, plan: { unit, root: 64, groups, stages } };
}

function readResNet(find: FindShape): ResNetPlan[] {
  const [root, colours, size] = find('conv1.weight') ?? [];
  const isRoot =
    root !== undefined && colours === 3 && size === 7 && find('bn1.weight') !== undefined;
  if (!isRoot || find('fc.weight') === undefined) return [];
  const read = readStages(find);
  return read === null ? [] : [{ unit: read.unit, root, groups: read.groups, stages: read.stages }];
}

/** Reads the units of a net whose stages are `layer1`, `layer2`, ..; null if their numbers fit no net. */
export function readStages(find: FindShape): Omit<ResNetPlan, 'root'> | null {
  const unit = find('layer1.0.conv3.weight') ? 'bottleneck' : 'basic';
  const stages: ResNetStage[] = [];
  const groups = new Set<number>();
  for (let stage = 1; find(`layer${stage}.0.conv1.weight`); stage++) {
    const path = `layer${stage}.0`;
    const [width = 0] = find(`${path}.conv1.weight`)!;
    const spatial = find(`${path}.conv2.weight`) ?? [];
    const last = unit === 'basic' ? spatial : (find(`${path}.conv3.weight`) ?? []);
    let units = 1;
    while (find(`layer${stage}.${units}.conv1.weight`)) units++;
    stages.push({ units, width, channels: last[0] ?? 0 });
    groups.add(unit === 'bottleneck' ? width / (spatial[1] ?? width) : 1);
  }
  // Nets such as RegNet have other groups in each stage.
  const [same = 0, ...others] = groups;
  const isWhole = Number.isInteger(same) && same > 0 && others.length === 0;
  return isWhole ? { unit, groups: same, stages } : null;
}

function draftResNet(plan: ResNetPlan, size: number, classes: number): NetworkDraft {
  const { draft, image } = startNet(size);
  const { endpoints } = draft;
  const root = addConv(draft, 'conv1', image, { channels: plan.root, size: 7, stride: 2 });
  const rectified = addRelu(draft, 'relu', addNorm(draft, 'bn1', root));
  const pool = { size: 3, stride: 2, padding: 1 };
  const last = addMaxPoolAfterRelu(draft, 'maxpool', rectified, pool);
  for (const layer of ['conv1', 'bn1', 'relu', 'maxpool']) endpoints[layer] = layer;
  return finishResNet(draft, plan, last, classes);
}

/** Adds the stages and what follows them: the mean over the grid and the scores of the classes. */
export function finishResNet(
  draft: NetworkDraft,
  plan: ResNetPlan,
  first: Value,
  classes: number,
  addShortcut: AddShortcut = addProjection,
): NetworkDraft {
  const { endpoints } = draft;
  let last = first;
  plan.stages.forEach((stage, index) => {
    const name = `layer${index + 1}`;
    for (let unit = 0; unit < stage.units; unit++) {
      const stride = unit === 0 && index > 0 ? 2 : 1;
      const place = { path: `${name}.${unit}`, input: last, stride, addShortcut };
      last = addUnit(draft, plan, stage, place);
      endpoints[last.layer] = last.layer;
    }
    endpoints[name] = last.layer;
  });
  const pooled = addGlobalPool(draft, 'avgpool', last);
  const logits = addLinear(draft, 'fc', pooled, classes);
  Object.assign(endpoints, { avgpool: 'avgpool', fc: 'fc' });
  addPredictions(draft, logits);
  return draft;
}

/** Adds the shortcut of a unit that changes the grid or the channels. */
type AddShortcut = (draft: NetworkDraft, unit: ResNetUnit, channels: number) => Value;

/** A unit of a stage: its name, what it takes, and the step of its grid. */
export interface ResNetUnit {
  readonly path: string;
  readonly input: Value;
  readonly stride: number;
  /** The shortcut of a unit that changes the grid or the channels; default: a convolution. */
  readonly addShortcut?: AddShortcut;
}

/** `relu(shortcut + convolutions(x))`. The ReLU after the sum has the unit's name. */
function addUnit(
  draft: NetworkDraft,
  plan: Pick<ResNetPlan, 'unit' | 'groups'>,
  stage: ResNetStage,
  unit: ResNetUnit,
): Value {
  const { path, input, stride, addShortcut = addProjection } = unit;
  const { width, channels } = stage;
  const normal = (index: number, from: Value, options: Parameters<typeof addConv>[3]): Value =>
    addNorm(draft, `${path}.bn${index}`, addConv(draft, `${path}.conv${index}`, from, options));
  let inner: Value;
  if (plan.unit === 'basic') {
    const first = addRelu(
      draft,
      `${path}.relu`,
      normal(1, input, { channels: width, size: 3, stride }),
    );
    inner = normal(2, first, { channels, size: 3 });
  } else {
    const { groups } = plan;
    const first = addRelu(draft, `${path}.relu`, normal(1, input, { channels: width, size: 1 }));
    const second = normal(2, first, { channels: width, size: 3, stride, groups });
    inner = normal(3, addRelu(draft, `${path}.relu_1`, second), { channels, size: 1 });
  }
  const isChanged = stride !== 1 || input.channels !== channels;
  const shortcut = isChanged ? addShortcut(draft, unit, channels) : input;
  return addRelu(draft, path, addSum(draft, `${path}/add`, inner, shortcut));
}

function addProjection(
  draft: NetworkDraft,
  { path, input, stride }: ResNetUnit,
  channels: number,
): Value {
  const skip = addConv(draft, `${path}.downsample.0`, input, { channels, size: 1, stride });
  return addNorm(draft, `${path}.downsample.1`, skip);
}
