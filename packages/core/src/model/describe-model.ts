import type { ArtifactDescription, ChannelOrder, InputDescription } from '../artifact/artifact.ts';
import { validateArtifact } from '../artifact/validate-artifact.ts';
import { readManifest, type ManifestGroup } from '../artifact/weights-manifest.ts';
import { GradcamError } from '../errors.ts';
import type { LayerLibrary } from '../network/layer-library.ts';
import { findNode, type Network } from '../network/network.ts';
import { readNetwork } from '../network/read-network.ts';
import { findOutput, withOutputFirst } from '../network/select-output.ts';
import { findImageInput, findRecommended } from '../network/taps.ts';
import type { ClassNames } from '../targets/labels.ts';
import type { ModelDescription } from './model.ts';
import type { ModelFiles } from './model-files.ts';
import { readModelJson, type ModelJson } from './model-json.ts';
import { noteOutputs } from './note-outputs.ts';

/** What a caller states about a model; it wins over the model's own description. */
export interface ModelOverrides {
  /** Range to which pixels 0..255 are brought. */
  readonly inputRange?: '0..255' | '0..1' | '-1..1';
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly channelOrder?: ChannelOrder;
  readonly fit?: InputDescription['fit'];
  readonly classNames?: ClassNames;
  readonly id?: string;
  /** For a model that leaves its input's size open; default 224 x 224, which is said. */
  readonly inputSize?: readonly [height: number, width: number];
  /** Which of several outputs is explained: its place, or the layer that gives it; default the first. */
  readonly output?: number | string;
}

/**
 * Reads a model's `model.json` and says all that is known or assumed about it; no weights are
 * read and no engine is needed.
 *
 * @param library layers that the op set does not have, of the engine that is to run them.
 * @throws GradcamError `model` for broken JSON, `unsupported` for a layer that is not known here, and
 *   for a GraphModel, whose shapes only a run can tell: load it instead.
 */
export async function describeModel(
  files: ModelFiles,
  overrides: ModelOverrides = {},
  library?: LayerLibrary,
): Promise<ModelDescription & { readonly manifest: readonly ManifestGroup[] }> {
  return describeLayersModel(await readModelJson(files), overrides, library);
}

/** As {@link describeModel}, of a `model.json` that is read. */
export function describeLayersModel(
  json: ModelJson,
  overrides: ModelOverrides,
  library?: LayerLibrary,
): ModelDescription & { readonly manifest: readonly ManifestGroup[] } {
  if (json.format === 'graph-model') {
    throw new GradcamError(
      'unsupported',
      'this is a GraphModel: its shapes are known only when it runs, so load it, with createGraphModelEngine of @gradcam/core/graph-model',
    );
  }
  const manifest = readManifest(json.weightsManifest);
  const read = readNetwork(
    json.modelTopology,
    manifest.flatMap((group) => group.weights),
    {
      ...(library === undefined ? {} : { library }),
      ...inputSizeOf(overrides),
    },
  );
  const network = withOutputFirst(read, findOutput(read, overrides.output ?? 0));
  return { ...describeNetwork(network, json, overrides), manifest };
}

/** More pixels on a side than any net is made for; the memory of its values grows with their square. */
const MAX_SIDE = 16_384;

/** The input's size, where a caller states it; checked before anything is made of it. */
export function inputSizeOf({ inputSize }: ModelOverrides): Pick<ModelOverrides, 'inputSize'> {
  if (inputSize === undefined) return {};
  const isSide = (n: number): boolean => Number.isSafeInteger(n) && n > 0 && n <= MAX_SIDE;
  if (inputSize.length === 2 && inputSize.every(isSide)) return { inputSize };
  throw new GradcamError(
    'argument',
    `inputSize: expected height and width in pixels, at most ${MAX_SIDE}, got ${inputSize.join(', ')}`,
  );
}

/** What is known or assumed of a network beside its topology. */
export function describeNetwork(
  network: Network,
  { userDefinedMetadata }: ModelJson,
  overrides: ModelOverrides,
): ModelDescription {
  const block = userDefinedMetadata?.['gradcam'];
  const artifact = block === undefined ? null : validateArtifact(block);
  const assumptions = [...network.notes, ...noteOutputs(network, overrides.output !== undefined)];
  return {
    id: overrides.id ?? artifact?.id ?? network.name,
    network,
    input: describeInput(network, artifact, overrides, assumptions),
    classNames: overrides.classNames ?? {
      labels: artifact?.labels ?? [],
      wnids: artifact?.wnids ?? [],
    },
    endpoints: artifact?.endpoints ?? {},
    defaultLayer:
      overrides.output === undefined && artifact?.defaultEndpoint !== undefined
        ? artifact.defaultEndpoint
        : recommendLayer(network, assumptions),
    artifact,
    assumptions,
  };
}

/** What `auto` means; of a model without a spatial layer the picture itself, where methods at the input work. */
function recommendLayer(network: Network, assumptions: string[]): string {
  const found = findRecommended(network);
  if (found !== null) return found.layer;
  assumptions.push(
    'the model has no layer with a spatial output: only methods at the input explain it (gradient, input-x-gradient, integrated-gradients, occlusion, rise)',
  );
  return findImageInput(network);
}

function describeInput(
  network: Network,
  artifact: ArtifactDescription | null,
  overrides: ModelOverrides,
  assumptions: string[],
): InputDescription {
  if (artifact !== null) assumptions.push(...noteOverridden(overrides));
  const base =
    artifact === null
      ? assumeInput(network, overrides, assumptions)
      : resizeInput(artifact.input, network, overrides);
  const isGray = base.channelOrder === 'gray';
  if (overrides.channelOrder !== undefined && (overrides.channelOrder === 'gray') !== isGray) {
    throw new GradcamError(
      'argument',
      `channel order ${overrides.channelOrder}: the model takes ${isGray ? 'one channel, gray' : 'three channels'}`,
    );
  }
  const channels = isGray ? 1 : 3;
  const { inputRange, mean, std, channelOrder, fit } = overrides;
  const range = inputRange === undefined ? {} : rangeToScale(inputRange, channels);
  return {
    ...base,
    ...range,
    ...(mean === undefined ? {} : { mean: forChannels('mean', mean, channels) }),
    ...(std === undefined ? {} : { std: forChannels('std', std, channels) }),
    ...(channelOrder === undefined ? {} : { channelOrder }),
    ...(fit === undefined ? {} : { fit }),
  };
}

/**
 * The size that the model's own description states must be the network's, before an image of that size
 * is made; where the caller states the size that the network leaves open, that one counts.
 */
function resizeInput(
  input: InputDescription,
  network: Network,
  { inputSize }: ModelOverrides,
): InputDescription {
  const shapes = network.inputs.map((name) => findNode(network, name).shape);
  const fits = ({ height, width }: { height: number; width: number }): boolean =>
    shapes.some((shape) => shape[0] === height && shape[1] === width);
  if (fits(input)) return input;
  const [height = 0, width = 0] = inputSize ?? [];
  if (fits({ height, width })) return { ...input, height, width };
  const found = shapes.map((shape) => `[${shape.join(', ')}]`).join(', ');
  throw new GradcamError(
    'model',
    `model.json userDefinedMetadata.gradcam.input: ${input.height}x${input.width} pixels, but the network's input is ${found}; convert the model again`,
  );
}

/** One number for each channel. */
function forChannels(
  name: 'mean' | 'std',
  numbers: readonly number[],
  channels: 1 | 3,
): readonly number[] {
  if (numbers.length === channels && numbers.every((value) => Number.isFinite(value))) {
    return numbers;
  }
  const expected = channels === 3 ? 'three numbers' : 'one number, as the model takes one channel';
  throw new GradcamError('argument', `${name}: expected ${expected}, got ${numbers.join(', ')}`);
}

/** Numbers change with these: nobody should state them for a model that knows better unawares. */
function noteOverridden(overrides: ModelOverrides): string[] {
  const names = { inputRange: 'range', mean: 'mean', std: 'std', channelOrder: 'channel order' };
  const stated = Object.entries(names).flatMap(([key, name]) =>
    overrides[key as keyof typeof names] === undefined ? [] : [name],
  );
  if (stated.length === 0) return [];
  return [`input ${stated.join(', ')} as stated, instead of what the model's own description says`];
}

function assumeInput(
  network: Network,
  overrides: ModelOverrides,
  assumptions: string[],
): InputDescription {
  const [height, width, channels] = findImage(network);
  if (overrides.inputRange === undefined && overrides.mean === undefined) {
    assumptions.push('pixels are scaled to 0..1 (state it with --input-range, --mean, --std)');
  }
  if (channels === 1) {
    assumptions.push(
      'pictures are made gray, by their luma 0.299 R + 0.587 G + 0.114 B, since the model takes one channel',
    );
  } else if (overrides.channelOrder === undefined) {
    assumptions.push('channels are RGB (state it with --channels)');
  }
  if (overrides.fit === undefined) {
    assumptions.push('images are cropped to the centre (state it with --fit)');
  }
  return {
    height,
    width,
    channelOrder: channels === 1 ? 'gray' : 'rgb',
    // With a mean the values are those of the 0..255 pixels, as the classic nets state them.
    ...rangeToScale(overrides.mean === undefined ? '0..1' : '0..255', channels),
    fit: 'crop',
    cropFraction: 1,
    resize: 'bilinear-antialias',
    pad: [127.5, 127.5, 127.5],
  };
}

/** The first input that takes a picture. */
function findImage(network: Network): [height: number, width: number, channels: 1 | 3] {
  const shapes = network.inputs.map((name) => findNode(network, name).shape);
  const image = shapes.find(
    (shape) => shape.length === 3 && (shape[2] === 1 || shape[2] === 3) && shape[0]! > 1,
  );
  if (image !== undefined) return image as [number, number, 1 | 3];
  const found = shapes.map((shape) => `[${shape.join(', ')}]${nameOfInput(shape)}`).join(', ');
  throw new GradcamError(
    'unsupported',
    `model ${network.name}: expected a picture as input, [height, width, 3], [height, width, 1] or [height, width], found ${found || 'no input'}`,
  );
}

/** What an input is that is no picture. */
function nameOfInput(shape: readonly number[]): string {
  const [first, second, channels] = shape;
  if (shape.length === 1) return `, ${first} numbers`;
  if (shape.length === 2) return `, a signal of ${first} steps and ${second} features`;
  if (shape.length === 3) return `, ${channels} channels, where a picture has 3 or 1`;
  return ', a volume or a film';
}

function rangeToScale(
  range: '0..255' | '0..1' | '-1..1',
  channels: 1 | 3,
): Pick<InputDescription, 'scale' | 'mean' | 'std'> {
  const all = (value: number): number[] => Array.from({ length: channels }, () => value);
  const std = all(1);
  if (range === '0..255') return { scale: 1, mean: all(0), std };
  if (range === '0..1') return { scale: 1 / 255, mean: all(0), std };
  return { scale: 1 / 127.5, mean: all(1), std };
}
