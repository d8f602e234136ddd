import {
  CAFFE_MEAN,
  describeMeanInput,
  nameSlimParameter,
  type Architecture,
} from './architecture.ts';
import {
  addActivation,
  addBatchNorm,
  addLayer,
  createDraft,
  type NetworkDraft,
} from './network.ts';
import {
  addHead,
  addPaddedConvolution,
  addRootPool,
  addSubsample,
  BOTTLENECK_EXPANSION,
  describePublishedNets,
  nameEndpoint,
  nameUnitEndpoints,
  type ResNetTable,
  type UnitConvolution,
} from './resnet-common.ts';

/**
 * The published nets of ResNet v1, `relu(shortcut + residual)`. Paper: He et al., arXiv 1512.03385,
 * table 1; layout and names: slim/nets/resnet_v1.py.
 */
export const RESNET_V1_TABLES = describePublishedNets('v1', {
  input: describeMeanInput({
    size: 224,
    channelOrder: 'rgb',
    // The weights come from Caffe nets that were trained with this mean; TF-slim's own preprocessing
    // rounds it to two digits.
    mean: CAFFE_MEAN,
    cropFraction: 0.875,
  }),
  classes: 1000,
  labels: 'imagenet-1000',
});

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
    draft: (classes) => draftResNetV1(table, classes),
  };
}

function draftResNetV1(table: ResNetTable, classes: number): NetworkDraft {
  const { scope, rootChannels } = table;
  const draft = createDraft(table.input.height, table.input.width);
  const root = { part: 'conv1', size: 7, inChannels: 3, outChannels: rootChannels, stride: 2 };
  let last = addNormalConvolution(draft, table, 'input', root, true);
  nameEndpoint(draft, scope, 'conv1', last);
  last = addRootPool(draft, last, scope);
  let channels = rootChannels;
  for (const block of table.blocks) {
    for (let unit = 1; unit <= block.units; unit++) {
      const stride = unit === block.units ? block.stride : 1;
      const name = `${block.name}/unit_${unit}`;
      last = addUnit(draft, table, { ...block, name, input: last, channels, stride });
      channels = block.baseDepth * BOTTLENECK_EXPANSION;
    }
    nameEndpoint(draft, scope, block.name, last);
  }
  addHead(draft, last, { scope, channels, classes });
  return draft;
}

/** `relu(shortcut + conv3(conv2(conv1(x))))`. The ReLU after the sum has the unit's name. */
function addUnit(
  draft: NetworkDraft,
  table: ResNetTable,
  unit: { name: string; input: string; channels: number; baseDepth: number; stride: number },
): string {
  const { name, input, channels, baseDepth, stride } = unit;
  const outChannels = baseDepth * BOTTLENECK_EXPANSION;
  const parts: Record<string, string> = {};
  const add = (part: string, from: string, shape: Omit<UnitConvolution, 'part'>, relu: boolean) =>
    (parts[part] = addNormalConvolution(
      draft,
      table,
      from,
      { part: `${name}/${part}`, ...shape },
      relu,
    ));
  const shortcut =
    channels === outChannels
      ? addSubsample(draft, `${name}/subsample`, input, stride)
      : add('shortcut', input, { size: 1, inChannels: channels, outChannels, stride }, false);
  const inner = { inChannels: baseDepth, outChannels: baseDepth };
  const reduced = add('conv1', input, { ...inner, size: 1, inChannels: channels, stride: 1 }, true);
  const spatial = add('conv2', reduced, { ...inner, size: 3, stride }, true);
  const residual = add('conv3', spatial, { ...inner, size: 1, outChannels, stride: 1 }, false);
  const sum = addLayer(draft, `${name}/add`, 'Add', [shortcut, residual]);
  const output = addActivation(draft, name, sum, 'relu');
  nameUnitEndpoints(draft, `${table.scope}/${name}/bottleneck_v1`, name, parts, output);
  return output;
}

/**
 * Adds a convolution without bias, a batch normalisation and, if `relu` is set, a ReLU, which has the name
 * of the part.
 */
function addNormalConvolution(
  draft: NetworkDraft,
  table: ResNetTable,
  input: string,
  shape: UnitConvolution,
  relu: boolean,
): string {
  const { part, outChannels: channels } = shape;
  const linear = addPaddedConvolution(draft, input, shape);
  const epsilon = table.batchNormEpsilon;
  const normal = addBatchNorm(draft, `${part}/bn`, linear, { part, channels, epsilon });
  return relu ? addActivation(draft, part, normal, 'relu') : normal;
}
