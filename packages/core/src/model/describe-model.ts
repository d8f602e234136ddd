import type { NdArray } from '../base/nd-array.ts';
import { readWeights } from '../artifact/decode-weights.ts';
import { readManifest, type ManifestGroup } from '../artifact/weights-manifest.ts';
import type { RunOnnxValues } from '../engines/port/engine.ts';
import { GradcamError, isGradcamError } from '../base/errors.ts';
import type { LayerLibrary } from '../readers/layers-model/layer-library.ts';
import type { Network } from '../network/network.ts';
import { readNetwork } from '../readers/layers-model/read-network.ts';
import {
  findOwnScaling,
  listScalingWeights,
  type OwnScaling,
} from '../readers/beside/own-scaling.ts';
import { describeNetwork } from './describe-network.ts';
import type { DescribedFiles, ModelOverrides } from './description.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { readModelJson, type ModelJson } from '../readers/model-json.ts';
import { describeOnnxModel } from './onnx-model.ts';
import { resolveReading, withChosenEnds } from './resolve-reading.ts';

/**
 * Describes a model from its `model.json` or ONNX file and from the files beside it. It needs no engine, and
 * reads no weights except those of a normalisation at the input.
 *
 * @param library layers outside the op set that the engine to be used can compute.
 * @param run `runOnnxValues` of an engine, for an ONNX file with nodes that are not translated: a run shows
 *   the shapes of their values. Without it such a file is refused.
 * @throws GradcamError `model` for broken JSON, `unsupported` for an unknown layer, and for a GraphModel,
 *   whose shapes only a pass shows: load it instead.
 */
export async function describeModel(
  files: ModelFiles,
  overrides: ModelOverrides = {},
  library?: LayerLibrary,
  run?: RunOnnxValues,
): Promise<DescribedFiles> {
  if (files.onnx !== undefined) return describeOnnxModel(files, overrides, run);
  return describeLayersModel(await readModelJson(files), files, overrides, library);
}

/** As {@link describeModel}, for a `model.json` that has been read already. */
export async function describeLayersModel(
  json: ModelJson,
  files: ModelFiles,
  stated: ModelOverrides,
  library?: LayerLibrary,
): Promise<DescribedFiles> {
  if (json.format === 'graph-model') {
    throw new GradcamError(
      'unsupported',
      'this is a GraphModel, whose shapes are known only when it runs: load it with createGraphModelEngine of @gradcam/core/graph-model',
    );
  }
  const manifest = readManifest(json.weightsManifest);
  const reading = await resolveReading(files, stated, json);
  const read = readNetwork(
    json.modelTopology,
    manifest.flatMap((group) => group.weights),
    { library, ...reading.sizes },
  );
  const network = withChosenEnds(read, reading);
  const { overrides, sidecars, artifact, text } = reading;
  const scaling = await readOwnScaling(network, manifest, files);
  const facts = { sidecars, scaling, artifact, text };
  return { ...describeNetwork(network, overrides, facts), manifest };
}

/** The scaling in the first layers. Missing shards are ignored here; loading the model reports them. */
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
