import { FormatError, UnsupportedError } from '../../errors.ts';
import type { WeightEntry } from '../../artifact/model-json.ts';
import type { RandomAccessSource, SourceFolder } from '../../bytes/source.ts';
import type { WeightFile } from '../../tensors/stored-tensor.ts';
import { readLimitedJson } from './read-limited-json.ts';
import { readManifestWeights } from './read-manifest.ts';

/** The files of a tfjs LayersModel: `model.json` and its shards. Specification: tfjs-core/src/io/types.ts. */
export interface LayersModelFile extends WeightFile {
  readonly format: 'tfjs-layers';
  /** The content of `model.json`, unchanged. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The entries of the manifest by the names of their weights. */
  readonly entries: ReadonlyMap<string, WeightEntry>;
  /** The base names of the shards. */
  readonly paths: readonly string[];
}

const FORMAT = 'tfjs-layers';

/**
 * Reads the weights of a tfjs LayersModel. Quantised weights are read as the float32 numbers that tfjs
 * makes of them.
 *
 * @throws FormatError, UnsupportedError (graph models, paths that lead out of the folder), NotFoundError (a
 * missing shard)
 */
export async function readLayersModel(
  source: RandomAccessSource,
  folder: SourceFolder,
): Promise<LayersModelFile> {
  const json = await readJson(source);
  const weights = await readManifestWeights(json['weightsManifest'], source.name, folder);
  return { format: FORMAT, json, ...weights };
}

async function readJson(source: RandomAccessSource): Promise<Record<string, unknown>> {
  const { name } = source;
  const json = await readLimitedJson(source);
  if (!isRecord(json))
    throw new FormatError(FORMAT, `${name}: expected a JSON object, found something else`);
  if (json['format'] === 'graph-model') {
    throw new UnsupportedError(
      'tfjs graph model',
      `${name} is a GraphModel; only LayersModels can be converted`,
    );
  }
  return json;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
