import { GradcamError } from '../base/errors.ts';
import { refuseLfsPointer } from '../base/lfs-pointer.ts';
import { measureJson } from './json-extent.ts';
import type { ModelFiles } from './model-files.ts';

/** A tfjs `model.json`. Its parts are checked by their own readers. */
export interface ModelJson {
  readonly format: 'layers-model' | 'graph-model';
  readonly modelTopology: object;
  readonly weightsManifest: unknown;
  readonly signature: unknown;
  readonly userDefinedMetadata: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Most bytes of a `model.json`. Topology, labels and manifest of the largest nets take less than 4 MiB.
 */
export const MAX_MODEL_JSON_BYTES = 64 * 1024 * 1024;

/**
 * Most levels of lists and objects. A model within a model takes five. The recursion of JavaScript
 * engines over JSON, as in `JSON.stringify`, ends at some thousands.
 */
export const MAX_JSON_DEPTH = 500;

/**
 * Most names and values. NASNetLarge, with about 1,000 layers, has 60,000; a million take 100 MB.
 */
export const MAX_JSON_VALUES = 1_000_000;

/**
 * Reads `model.json`. Its nesting and its number of values are checked before it is parsed.
 *
 * @throws GradcamError `model` for broken JSON, for JSON without a topology, or beyond one of the
 *   limits.
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
    // Older converters wrote no format. A GraphDef has a list of nodes, and a LayersModel never has
    // one.
    format: format === 'graph-model' || 'node' in modelTopology ? 'graph-model' : 'layers-model',
    modelTopology,
    weightsManifest,
    signature,
    userDefinedMetadata: userDefinedMetadata as ModelJson['userDefinedMetadata'],
  };
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  checkLimit(bytes.byteLength, MAX_MODEL_JSON_BYTES, 'bytes', where);
  refuseLfsPointer(bytes, where);
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
