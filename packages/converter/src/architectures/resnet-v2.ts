import { describeInceptionInput, nameSlimParameter, type Architecture } from './architecture.ts';
import {
  addActivation,
  addBatchNorm,
  addLayer,
  createDraft,
  type NetworkDraft,
  type WeightRecord,
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
} from './resnet-common.ts';

/**
 * The published nets of ResNet v2, whose units normalise before they convolve. Sums are not rectified, so
 * the net ends with a normalisation and a ReLU, `postnorm`. Paper: He et al., arXiv 1603.05027; layout and
 * names: slim/nets/resnet_v2.py.
 */
export const RESNET_V2_TABLES = describePublishedNets('v2', {
  input: describeInceptionInput(299),
  classes: 1001,
  labels: 'imagenet-1001',
});

/** Makes a ResNet v2 from its table. */
export function createResNetV2(table: ResNetTable): Architecture {
  return {
    id: table.id,
    title: table.title,
    classes: table.classes,
    labels: table.labels,
    variants: [
      {
        naming: 'tf-slim',
        input: table.input,
        nameWeight: (weight) => [`${table.scope}/${nameV2Weight(weight)}`],
      },
    ],
    classWeight: 'logits/bias',
    logits: 'logits',
    // Sums may be negative, and this is the last layer that is rectified.
    defaultEndpoint: 'postnorm',
    draft: (classes) => draftResNetV2(table, classes),
  };
}

/** The names of weights in version 2: a normalisation that is a separate layer has no scope `BatchNorm`. */
function nameV2Weight(weight: WeightRecord): string {
  const path = weight.part.replace(/(unit_\d+)/, '$1/bottleneck_v2');
  const alone = /(^|\/)(preact|postnorm)$/.test(weight.part);
  return `${path}/${alone ? weight.parameter : nameSlimParameter(weight)}`;
}

function draftResNetV2(table: ResNetTable, classes: number): NetworkDraft {
  const { scope, rootChannels } = table;
  const draft = createDraft(table.input.height, table.input.width);
  const root = { part: 'conv1', size: 7, inChannels: 3, outChannels: rootChannels, stride: 2 };
  let last = addPaddedConvolution(draft, 'input', root, true);
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
  last = addNormalRelu(draft, table, 'postnorm', last, channels);
  nameEndpoint(draft, scope, 'postnorm', last);
  addHead(draft, last, { scope, channels, classes });
  return draft;
}

/** `shortcut + conv3(conv2(conv1(preact(x))))`. The sum has the unit's name. */
function addUnit(
  draft: NetworkDraft,
  table: ResNetTable,
  unit: { name: string; input: string; channels: number; baseDepth: number; stride: number },
): string {
  const { name, input, channels, baseDepth, stride } = unit;
  const outChannels = baseDepth * BOTTLENECK_EXPANSION;
  const widths = { inChannels: baseDepth, outChannels: baseDepth };
  const preact = addNormalRelu(draft, table, `${name}/preact`, input, channels);
  const parts: Record<string, string> = { preact };
  let shortcut: string;
  if (channels === outChannels) {
    // An identity shortcut passes on the input before its normalisation.
    shortcut = addSubsample(draft, `${name}/subsample`, input, stride);
  } else {
    const shape = { part: `${name}/shortcut`, size: 1, inChannels: channels, outChannels, stride };
    shortcut = addPaddedConvolution(draft, preact, shape, true);
    parts['shortcut'] = shortcut;
  }
  const addInner = (part: string, from: string, size: number, inChannels: number, step: number) => {
    const shape = { ...widths, part: `${name}/${part}`, size, inChannels, stride: step };
    const linear = addPaddedConvolution(draft, from, shape);
    return (parts[part] = addNormalRelu(draft, table, `${name}/${part}`, linear, baseDepth));
  };
  const reduced = addInner('conv1', preact, 1, channels, 1);
  const spatial = addInner('conv2', reduced, 3, baseDepth, stride);
  const last = { ...widths, part: `${name}/conv3`, size: 1, outChannels, stride: 1 };
  parts['conv3'] = addPaddedConvolution(draft, spatial, last, true);
  const output = addLayer(draft, name, 'Add', [shortcut, parts['conv3']]);
  nameUnitEndpoints(draft, `${table.scope}/${name}/bottleneck_v2`, name, parts, output);
  return output;
}

function addNormalRelu(
  draft: NetworkDraft,
  table: ResNetTable,
  part: string,
  input: string,
  channels: number,
): string {
  const epsilon = table.batchNormEpsilon;
  const normal = addBatchNorm(draft, `${part}/bn`, input, { part, channels, epsilon });
  return addActivation(draft, part, normal, 'relu');
}
