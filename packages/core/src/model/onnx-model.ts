import type { ManifestGroup } from '../artifact/weights-manifest.ts';
import { readOnnxMetadata } from '../readers/beside/onnx-metadata.ts';
import { findOwnScaling, listScalingWeights } from '../readers/beside/own-scaling.ts';
import { recommendGraphLayer } from '../readers/graph/recommend-layer.ts';
import type { WeightRecipe } from '../readers/graph/graph-builder.ts';
import { listExternalFiles } from '../readers/onnx-file/external-files.ts';
import { MAX_ONNX_BYTES } from '../readers/onnx-file/onnx-limits.ts';
import type { OnnxFileModel } from '../readers/onnx-file/proto/onnx-schema.ts';
import { parseOnnxModel } from '../readers/onnx-file/proto/parse-model.ts';
import type { OnnxNetwork } from '../readers/onnx-file/finish-onnx.ts';
import { readOnnxNetwork } from '../readers/onnx-file/read-onnx-network.ts';
import { describeNetwork } from './describe-network.ts';
import type { DescribedFiles, ModelDescription, ModelOverrides } from './description.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { resolveReading, withChosenEnds } from './resolve-reading.ts';
import { readRecipes, weightSourceOf } from './translated-weights.ts';

/** An ONNX file that has been read, with its weight files. */
export interface OnnxFile {
  readonly model: OnnxFileModel;
  readonly bytes: Uint8Array;
  /** Weight files by name. */
  readonly external: ReadonlyMap<string, Uint8Array>;
  /** The name of each weight file, by the location that the model states. */
  readonly locations: ReadonlyMap<string, string>;
}

/** An ONNX model's description and its translation. */
export interface OnnxDescription {
  readonly description: ModelDescription;
  readonly translated: OnnxNetwork;
}

/**
 * Reads the model's ONNX file and its weight files.
 *
 * @throws GradcamError `model` for a file that is missing or damaged.
 */
export async function readOnnxFile(files: ModelFiles): Promise<OnnxFile> {
  const name = files.onnx!;
  const bytes = await files.readFile(name, MAX_ONNX_BYTES);
  const model = parseOnnxModel(bytes, name);
  const locations = listExternalFiles(model, name);
  const external = new Map<string, Uint8Array>();
  for (const file of new Set(locations.values())) {
    external.set(file, await files.readFile(file, MAX_ONNX_BYTES));
  }
  return { model, bytes, external, locations };
}

/** Translates an ONNX model and describes it. */
export async function describeOnnxFile(
  { model, external }: OnnxFile,
  files: ModelFiles,
  stated: ModelOverrides,
): Promise<OnnxDescription> {
  const reading = await resolveReading(
    files,
    stated,
    readOnnxMetadata(files.onnx!, model.metadata, model.graph.outputs[0]?.shape?.length),
  );
  const translated = readOnnxNetwork(model, files.onnx!, external, reading.sizes);
  const network = withChosenEnds(translated.network, reading);
  const scaling = findOwnScaling(
    network,
    readRecipes(translated.weights, listScalingWeights(network)),
  );
  const description = describeNetwork(
    network,
    { userDefinedMetadata: undefined },
    reading.overrides,
    {
      sidecars: reading.sidecars,
      scaling,
      endpoints: translated.aliases,
      recommended: recommendGraphLayer(network)?.layer ?? null,
    },
  );
  return { description, translated };
}

/** Describes an ONNX model for `describeModel`, with its weights listed as the network has them. */
export async function describeOnnxModel(
  files: ModelFiles,
  overrides: ModelOverrides,
): Promise<DescribedFiles> {
  const { description, translated } = await describeOnnxFile(
    await readOnnxFile(files),
    files,
    overrides,
  );
  const manifest = [{ paths: [], weights: listWeights(translated.weights) }];
  const { read: readWeights } = weightSourceOf(translated, 'onnx', null);
  return { ...description, manifest, readWeights };
}

function listWeights(weights: ReadonlyMap<string, WeightRecipe>): ManifestGroup['weights'] {
  return [...weights].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
}

/**
 * The names of the files beside an ONNX model that hold its weights.
 *
 * @param where how errors name the file.
 * @throws GradcamError `model` for bytes that are not an ONNX model.
 */
export function listOnnxWeightFiles(bytes: Uint8Array, where: string): readonly string[] {
  return [...new Set(listExternalFiles(parseOnnxModel(bytes, where), where).values())];
}
