import { findNonFinite, type NdArray } from '../base/nd-array.ts';
import type { ManifestGroup } from '../artifact/weights-manifest.ts';
import type { WeightSource } from '../engines/port/engine.ts';
import { GradcamError } from '../base/errors.ts';
import { mainHead } from '../network/network.ts';
import { withInputFirst } from '../network/select-input.ts';
import { withOutputFirst } from '../network/select-output.ts';
import { findOwnScaling, listScalingWeights } from '../readers/beside/own-scaling.ts';
import { readSidecars } from '../readers/beside/read-sidecars.ts';
import { recommendGraphLayer } from '../readers/graph/recommend-layer.ts';
import type { WeightRecipe } from '../readers/graph/graph-builder.ts';
import { listExternalFiles } from '../readers/onnx-file/external-files.ts';
import { MAX_ONNX_BYTES } from '../readers/onnx-file/onnx-limits.ts';
import type { OnnxFileModel } from '../readers/onnx-file/proto/onnx-schema.ts';
import { parseOnnxModel } from '../readers/onnx-file/proto/parse-model.ts';
import type { OnnxNetwork } from '../readers/onnx-file/finish-onnx.ts';
import { readOnnxNetwork } from '../readers/onnx-file/read-onnx-network.ts';
import {
  chooseOutput,
  describeNetwork,
  imageInputOf,
  inputSizeOf,
  usualSizeOf,
  withKeptBoxes,
} from './describe-network.ts';
import type { DescribedFiles, ModelDescription, ModelOverrides } from './description.ts';
import type { ModelFiles } from '../readers/model-files.ts';

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
  const sidecars = await readSidecars(files);
  const overrides = withKeptBoxes(stated, sidecars);
  const translated = readOnnxNetwork(model, files.onnx!, external, {
    ...inputSizeOf(overrides),
    ...usualSizeOf(sidecars),
  });
  const read = translated.network;
  const placed = withOutputFirst(read, chooseOutput(read, overrides));
  const network = withInputFirst(placed, overrides.imageInput ?? imageInputOf(sidecars));
  const scaling = findOwnScaling(
    network,
    readRecipes(translated.weights, listScalingWeights(network)),
  );
  const description = describeNetwork(network, { userDefinedMetadata: undefined }, overrides, {
    sidecars,
    scaling,
    endpoints: translated.aliases,
    recommended: recommendGraphLayer(network)?.layer ?? null,
  });
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
  const { read: readWeights } = weightSourceOf(translated, null);
  return { ...description, manifest, readWeights };
}

function listWeights(weights: ReadonlyMap<string, WeightRecipe>): ManifestGroup['weights'] {
  return [...weights].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
}

/**
 * The weights of a translated model. They are computed from the file's weights when they are read, which
 * throws GradcamError `model` for a weight that is not finite.
 */
export function weightSourceOf(
  { weights, network }: OnnxNetwork,
  identity: string | null,
): WeightSource {
  const sizes = network.inputs.map(
    (name) => network.nodes.find((node) => node.name === name)!.shape,
  );
  return {
    shapes: new Map([...weights].map(([name, { shape }]) => [name, shape])),
    identity:
      identity === null
        ? null
        : `onnx ${JSON.stringify([sizes, mainHead(network).logits])} ${identity}`,
    read: () => Promise.resolve(readRecipes(weights, [...weights.keys()])),
  };
}

function readRecipes(
  weights: ReadonlyMap<string, WeightRecipe>,
  names: readonly string[],
): Map<string, NdArray> {
  return new Map(
    names.map((name) => {
      const { shape, read } = weights.get(name)!;
      const data = read();
      const index = findNonFinite(data);
      if (index < 0) return [name, { shape, data }];
      throw new GradcamError('model', `weight ${name} holds ${data[index]} at index ${index}`);
    }),
  );
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
