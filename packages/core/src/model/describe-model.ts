import type { NdArray } from '../array/nd-array.ts';
import { validateArtifact } from '../artifact/validate-artifact.ts';
import { readWeights } from '../artifact/decode-weights.ts';
import { findBoxOutputs } from '../detect/box-outputs.ts';
import { withDetector } from '../detect/find-detector.ts';
import { readManifest, type ManifestGroup } from '../artifact/weights-manifest.ts';
import { GradcamError, isGradcamError } from '../errors.ts';
import type { StatedSizes } from '../network/input-layout.ts';
import type { LayerLibrary } from '../network/layer-library.ts';
import { mainHead, type Network } from '../network/network.ts';
import { readNetwork } from '../network/read-network.ts';
import { withInputFirst } from '../network/select-input.ts';
import { findOutput, withOutputFirst } from '../network/select-output.ts';
import { findImageInput, findRecommended } from '../network/taps.ts';
import { findOwnScaling, listScalingWeights, type OwnScaling } from '../sidecars/own-scaling.ts';
import { readSidecars } from '../sidecars/read-sidecars.ts';
import { nameTheRest, settleSidecars } from '../sidecars/settle-sidecars.ts';
import { noSidecars, type Sidecars } from '../sidecars/sidecar.ts';
import { describeInput, findImage } from './describe-input.ts';
import type { ModelDescription, ModelOverrides } from './description.ts';
import type { ModelFiles } from './model-files.ts';
import { readModelJson, type ModelJson } from './model-json.ts';
import { noteOutputs } from './note-outputs.ts';

/**
 * Reads a model's `model.json`, and the files beside it that say something of it, and says all that is known
 * or assumed; no engine is needed, and no weights but those of a normalisation at the input are read.
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
  return describeLayersModel(await readModelJson(files), files, overrides, library);
}

/** As {@link describeModel}, of a `model.json` that is read. */
export async function describeLayersModel(
  json: ModelJson,
  files: ModelFiles,
  overrides: ModelOverrides,
  library?: LayerLibrary,
): Promise<ModelDescription & { readonly manifest: readonly ManifestGroup[] }> {
  if (json.format === 'graph-model') {
    throw new GradcamError(
      'unsupported',
      'this is a GraphModel: its shapes are known only when it runs, so load it, with createGraphModelEngine of @gradcam/core/graph-model',
    );
  }
  const manifest = readManifest(json.weightsManifest);
  const sidecars = await readSidecars(files);
  const read = readNetwork(
    json.modelTopology,
    manifest.flatMap((group) => group.weights),
    {
      ...(library === undefined ? {} : { library }),
      ...inputSizeOf(overrides),
      ...usualSizeOf(sidecars),
    },
  );
  const placed = withOutputFirst(read, chooseOutput(read, overrides));
  const network = withInputFirst(placed, overrides.imageInput ?? imageInputOf(sidecars));
  const scaling = await readOwnScaling(network, manifest, files);
  return { ...describeNetwork(network, json, overrides, { sidecars, scaling }), manifest };
}

/** The place of the output that is explained: the one that is stated, a detector's scores, or the first. */
export function chooseOutput(network: Network, { output, boxes }: ModelOverrides): number {
  if (output !== undefined) return findOutput(network, output);
  return boxes?.layout === 'none' ? 0 : (findBoxOutputs(network)?.scores ?? 0);
}

/** Shards that are not there are told by whoever loads the model; to describe it they are not needed. */
async function readOwnScaling(
  network: Network,
  manifest: readonly ManifestGroup[],
  files: ModelFiles,
): Promise<OwnScaling | null> {
  const read = (path: string, maxBytes: number): Promise<Uint8Array> =>
    files.readFile(path, maxBytes);
  const weights = await readWeights(manifest, listScalingWeights(network), read).catch(
    (error: unknown) => {
      if (!isGradcamError(error, 'model')) throw error;
      return new Map<string, NdArray>();
    },
  );
  return findOwnScaling(network, weights);
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

/** For a model that leaves its input's size open: the size that a file beside it states. */
export function usualSizeOf({ found }: Sidecars): Pick<StatedSizes, 'usualSize'> {
  const usualSize = found.find(({ input }) => input?.size !== undefined)?.input?.size;
  return usualSize === undefined ? {} : { usualSize };
}

/** The input that takes the picture, where a file beside the model states it. */
export function imageInputOf({ found }: Sidecars): string | undefined {
  return found.find(({ imageInput }) => imageInput !== undefined)?.imageInput;
}

/** What a model's files say beside its topology. */
export interface Sayings {
  readonly sidecars: Sidecars;
  readonly scaling: OwnScaling | null;
}

/** What is known or assumed of a network beside its topology. */
export function describeNetwork(
  plain: Network,
  { userDefinedMetadata }: ModelJson,
  overrides: ModelOverrides,
  { sidecars, scaling }: Sayings = { sidecars: noSidecars, scaling: null },
): ModelDescription {
  const block = userDefinedMetadata?.['gradcam'];
  const artifact = block === undefined ? null : validateArtifact(block);
  const found = withDetector(plain, overrides.boxes ?? {}, {
    sidecars,
    labels: [overrides.classNames?.labels, artifact?.labels],
  });
  const { network } = found;
  const assumptions = [
    ...network.notes,
    ...noteOutputs(network, overrides.output !== undefined),
    ...found.notes,
  ];
  const output = mainHead(network);
  // A model that describes itself needs no files beside it.
  const told = settleSidecars(artifact === null ? sidecars : noSidecars, {
    image: findImage(network),
    output,
    stated: {
      classNames: overrides.classNames !== undefined,
      pixels: [overrides.inputRange, overrides.mean, overrides.std].some(
        (one) => one !== undefined,
      ),
      channelOrder: overrides.channelOrder !== undefined,
      fit: overrides.fit !== undefined,
      resize: overrides.resize !== undefined,
      imageInput: overrides.imageInput !== undefined,
    },
  });
  const readFrom = [...told.readFrom];
  const sources = { told, scaling, assumptions, readFrom };
  const names = overrides.classNames ??
    told.classNames ?? { labels: artifact?.labels ?? [], wnids: artifact?.wnids ?? [] };
  const described = artifact?.defaultEndpoint ?? told.defaultLayer;
  return {
    id: overrides.id ?? artifact?.id ?? network.name,
    network,
    input: describeInput(network, artifact, overrides, sources),
    classNames: nameTheRest(names, output),
    endpoints: artifact?.endpoints ?? {},
    defaultLayer:
      overrides.output === undefined && described !== undefined
        ? described
        : recommendLayer(network, assumptions),
    artifact,
    readFrom,
    notUsed: told.notUsed,
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
