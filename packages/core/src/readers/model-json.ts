import { GradcamError } from '../base/errors.ts';
import { measureJson } from './json-extent.ts';
import type { ModelFiles } from './model-files.ts';

/** A tfjs `model.json`; what is in its parts is checked by those who read them. */
export interface ModelJson {
  readonly format: 'layers-model' | 'graph-model';
  readonly modelTopology: object;
  readonly weightsManifest: unknown;
  readonly signature: unknown;
  readonly userDefinedMetadata: Readonly<Record<string, unknown>> | undefined;
}

/** Bytes of a `model.json`; topology, labels and manifest of the largest nets stay under 4 MiB. */
export const MAX_MODEL_JSON_BYTES = 64 * 1024 * 1024;

/**
 * Levels of lists and objects. A model within a model takes five, and engines' own recursion over JSON
 * (`JSON.stringify`, for one) ends at some thousands.
 */
export const MAX_JSON_DEPTH = 500;

/** Names and values. NASNetLarge, with some 1,000 layers, has about 60,000; a million take 100 MB. */
export const MAX_JSON_VALUES = 1_000_000;

/**
 * Reads `model.json`; how deep it nests and how much it holds is looked at before it is parsed.
 *
 * @throws GradcamError `model` for broken JSON, JSON without a topology, or over one of the limits.
 */
export async function readModelJson(files: ModelFiles): Promise<ModelJson> {
  const json = parseJson(
    await files.readFile('model.json', MAX_MODEL_JSON_BYTES),
    `${files.location}: model.json`,
  );
  const { format, modelTopology, weightsManifest, signature, userDefinedMetadata } = (json ??
    {}) as Record<string, unknown>;
  if (typeof modelTopology !== 'object' || modelTopology === null) {
    throw new GradcamError('model', `${files.location}: model.json has no modelTopology`);
  }
  return {
    // Older converters wrote no format; a GraphDef has a list of nodes, a LayersModel never.
    format: format === 'graph-model' || 'node' in modelTopology ? 'graph-model' : 'layers-model',
    modelTopology,
    weightsManifest,
    signature,
    userDefinedMetadata: userDefinedMetadata as ModelJson['userDefinedMetadata'],
  };
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  checkLimit(bytes.byteLength, MAX_MODEL_JSON_BYTES, 'bytes', where);
  const { depth, values } = measureJson(bytes);
  checkLimit(depth, MAX_JSON_DEPTH, 'levels of lists and objects', where);
  checkLimit(values, MAX_JSON_VALUES, 'values', where);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new GradcamError('model', `${where} is not JSON`, { cause });
  }
}

function checkLimit(found: number, limit: number, what: string, where: string): void {
  if (found <= limit) return;
  throw new GradcamError('model', `${where} has ${found} ${what}, the limit is ${limit}`);
}
