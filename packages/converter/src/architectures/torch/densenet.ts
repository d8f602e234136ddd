import type { NetworkDraft } from '../network.ts';
import type { FindShape, TorchFamily, TorchNet } from './family.ts';
import {
  addAveragePool,
  addConcatenation,
  addConv,
  addGlobalPool,
  addLinear,
  addMaxPoolAfterRelu,
  addPredictions,
  addRelu,
  startNet,
  type Value,
} from './torch-layers.ts';
import { addNorm } from './normalisations.ts';

/**
 * DenseNet: each layer takes the outputs of all layers before it in its block. Paper: Huang et al., arXiv
 * 1608.06993, table 1. Layout and names: torchvision/models/densenet.py; timm has the same names.
 */
export interface DenseNetPlan {
  readonly root: number;
  /** Channels that each layer adds. */
  readonly growth: number;
  /** Channels between a layer's two convolutions. */
  readonly inner: number;
  /** Number of layers of each block. */
  readonly blocks: readonly number[];
  /** Channels after each transition between blocks. */
  readonly transitions: readonly number[];
}

/** The family of DenseNets. */
export const TORCH_DENSENET: TorchFamily<DenseNetPlan> = {
  id: 'densenet',
  title: 'DenseNet',
  activation: 'ReLU',
  nets: [
    describe(121, 64, 32, [6, 12, 24, 16]),
    describe(161, 96, 48, [6, 12, 36, 24]),
    describe(169, 64, 32, [6, 12, 32, 32]),
    describe(201, 64, 32, [6, 12, 48, 32]),
  ],
  namings: [
    {
      library: 'torchvision and timm',
      // The files that torchvision publishes were written when the layers had a point in their names.
      nameParts: (part) => [
        part,
        part.replace(
          /(denselayer\d+\.(?:norm|conv))(\d)$/,
          (_, name, number) => `${name}.${number}`,
        ),
      ],
    },
  ],
  readPlans: readDenseNet,
  draft: draftDenseNet,
  classWeight: 'classifier/bias',
  logits: 'classifier',
  // A block ends with a concatenation that is not rectified; this is the ReLU behind the last normalisation.
  defaultEndpoint: () => 'relu',
  root: 'features.conv0',
  heads: [{ from: 'classifier', standIns: { 'classifier.weight': [1] } }],
};

function describe(
  layers: number,
  root: number,
  growth: number,
  blocks: readonly number[],
): TorchNet<DenseNetPlan> {
  let channels = root;
  const transitions = blocks.slice(0, -1).map((count) => {
    channels = Math.floor((channels + count * growth) / 2);
    return channels;
  });
  const plan = { root, growth, inner: 4 * growth, blocks, transitions };
  return { id: `densenet${layers}`, title: `DenseNet-${layers} (PyTorch)`, plan };
}

function readDenseNet(find: FindShape): DenseNetPlan[] {
  const [root, colours, size] = find('features.conv0.weight') ?? [];
  const layer = 'features.denseblock1.denselayer1';
  const [inner] = find(`${layer}.conv1.weight`) ?? [];
  const [growth] = find(`${layer}.conv2.weight`) ?? [];
  const isRoot = root !== undefined && colours === 3 && size === 7;
  if (!isRoot || inner === undefined || growth === undefined) return [];
  if (!find('classifier.weight')) return [];
  const blocks: number[] = [];
  const transitions: number[] = [];
  for (let block = 1; find(`features.denseblock${block}.denselayer1.conv1.weight`); block++) {
    let count = 1;
    while (find(`features.denseblock${block}.denselayer${count + 1}.conv1.weight`)) count++;
    blocks.push(count);
    const [channels] = find(`features.transition${block}.conv.weight`) ?? [];
    if (channels !== undefined) transitions.push(channels);
  }
  const isWhole = transitions.length === blocks.length - 1;
  return isWhole ? [{ root, growth, inner, blocks, transitions }] : [];
}

function draftDenseNet(plan: DenseNetPlan, size: number, classes: number): NetworkDraft {
  const { draft, image } = startNet(size);
  const { endpoints } = draft;
  const root = addConv(draft, 'features.conv0', image, { channels: plan.root, size: 7, stride: 2 });
  const rectified = addRelu(draft, 'features.relu0', addNorm(draft, 'features.norm0', root));
  const pool = { size: 3, stride: 2, padding: 1 };
  let last = addMaxPoolAfterRelu(draft, 'features.pool0', rectified, pool);
  for (const name of ['conv0', 'norm0', 'relu0', 'pool0']) {
    endpoints[`features.${name}`] = `features.${name}`;
  }
  plan.blocks.forEach((count, index) => {
    const path = `features.denseblock${index + 1}`;
    last = addBlock(draft, plan, path, last, count);
    endpoints[path] = last.layer;
    const channels = plan.transitions[index];
    if (channels === undefined) return;
    const transition = `features.transition${index + 1}`;
    const active = addRelu(draft, `${transition}.relu`, addNorm(draft, `${transition}.norm`, last));
    const mixed = addConv(draft, `${transition}.conv`, active, { channels, size: 1 });
    last = addAveragePool(draft, transition, mixed, 2);
    endpoints[transition] = last.layer;
  });
  const normal = addNorm(draft, 'features.norm5', last);
  Object.assign(endpoints, { 'features.norm5': normal.layer, features: normal.layer });
  last = addRelu(draft, 'relu', normal);
  const logits = addLinear(draft, 'classifier', addGlobalPool(draft, 'avgpool', last), classes);
  Object.assign(endpoints, { relu: 'relu', avgpool: 'avgpool', classifier: 'classifier' });
  addPredictions(draft, logits);
  return draft;
}

function addBlock(
  draft: NetworkDraft,
  { inner, growth }: DenseNetPlan,
  path: string,
  input: Value,
  count: number,
): Value {
  let joined = input;
  for (let number = 1; number <= count; number++) {
    const layer = `${path}.denselayer${number}`;
    const activate = (index: number, from: Value): Value =>
      addRelu(draft, `${layer}.relu${index}`, addNorm(draft, `${layer}.norm${index}`, from));
    const mixed = addConv(draft, `${layer}.conv1`, activate(1, joined), {
      ...{ channels: inner, size: 1 },
    });
    const added = addConv(draft, `${layer}.conv2`, activate(2, mixed), {
      ...{ channels: growth, size: 3 },
    });
    const name = number === count ? path : `${layer}/concat`;
    joined = addConcatenation(draft, name, [joined, added]);
    draft.endpoints[layer] = added.layer;
  }
  return joined;
}
