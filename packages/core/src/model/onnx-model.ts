import type { ManifestGroup } from '../artifact/weights-manifest.ts';
import type { RunOnnxValues } from '../engines/port/engine.ts';
import { readOnnxMetadata } from '../readers/beside/onnx-metadata.ts';
import { findOwnScaling, listScalingWeights } from '../readers/beside/own-scaling.ts';
import { recommendGraphLayer } from '../readers/graph/recommend-layer.ts';
import type { WeightRecipe } from '../readers/graph/graph-builder.ts';
import { listExternalFiles } from '../readers/onnx-file/external-files.ts';
import { parseOnnxModel } from '../readers/onnx-file/proto/parse-model.ts';
import type { OnnxNetwork } from '../readers/onnx-file/finish-onnx.ts';
import { describeNetwork } from './describe-network.ts';
import type { DescribedFiles, ModelDescription, ModelOverrides } from './description.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { readOnnxFile, type OnnxFile } from './onnx-file.ts';
import { resolveReading, withChosenEnds } from './resolve-reading.ts';
import { translateOnnx } from './translate-onnx.ts';
import { readRecipes, weightSourceOf } from './translated-weights.ts';

/** An ONNX model's description and its translation. */
export interface OnnxDescription {
  readonly description: ModelDescription;
  readonly translated: OnnxNetwork;
}

/**
 * Translates an ONNX model and describes it.
 *
 * @param run runs the file where nodes that are not translated have to be copied.
 */
export async function describeOnnxFile(
  file: OnnxFile,
  files: ModelFiles,
  stated: ModelOverrides,
  run?: RunOnnxValues,
): Promise<OnnxDescription> {
  const { model } = file;
  const reading = await resolveReading(
    files,
    stated,
    { userDefinedMetadata: undefined },
    readOnnxMetadata(files.onnx!, model.metadata, model.graph.outputs[0]?.shape?.length),
  );
  const { sizes } = reading;
  const translated = await translateOnnx({ file, where: files.onnx!, sizes, run });
  const network = withChosenEnds(translated.network, reading);
  const scaling = findOwnScaling(
    network,
    readRecipes(translated.weights, listScalingWeights(network)),
  );
  const description = describeNetwork(network, reading.overrides, {
    sidecars: reading.sidecars,
    scaling,
    text: reading.text,
    endpoints: translated.aliases,
    recommended: recommendGraphLayer(network)?.layer ?? null,
  });
  return { description, translated };
}

/** Describes an ONNX model for `describeModel`, with its weights listed as the network has them. */
export async function describeOnnxModel(
  files: ModelFiles,
  overrides: ModelOverrides,
  run?: RunOnnxValues,
): Promise<DescribedFiles> {
  const { description, translated } = await describeOnnxFile(
    await readOnnxFile(files),
    files,
    overrides,
    run,
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
