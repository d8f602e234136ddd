import { countElements } from '../array/nd-array.ts';
import { GradcamError } from '../errors.ts';

/** One weight of a tfjs weights manifest. */
export interface ManifestWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly quantization?: {
    readonly dtype: 'uint8' | 'uint16' | 'float16';
    readonly min?: number;
    readonly scale?: number;
  };
}

/** Weights whose bytes stand one after the other in the files of `paths`. */
export interface ManifestGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestWeight[];
}

const bytesOf = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;

/** Bytes that a weight takes in the shards. */
export function countBytes(weight: ManifestWeight): number {
  return countElements(weight.shape) * bytesOf[weight.quantization?.dtype ?? weight.dtype];
}

/**
 * Checks the `weightsManifest` of a `model.json`.
 *
 * @throws GradcamError `model` for a wrong field, an unknown dtype, or a path that leaves the folder.
 */
export function readManifest(value: unknown): readonly ManifestGroup[] {
  if (!Array.isArray(value)) return fail('weightsManifest: expected a list');
  for (const group of value as Partial<ManifestGroup>[]) {
    if (!Array.isArray(group?.paths) || !Array.isArray(group.weights)) {
      return fail('weightsManifest: a group needs paths and weights');
    }
    for (const path of group.paths as unknown[]) checkPath(path);
    for (const weight of group.weights as unknown[]) checkWeight(weight);
  }
  return value as ManifestGroup[];
}

function checkPath(path: unknown): void {
  const leaves =
    typeof path !== 'string' ||
    path === '' ||
    path.startsWith('/') ||
    /^[a-z][a-z0-9+.-]*:/i.test(path) ||
    path.split(/[\\/]/).includes('..');
  if (leaves) fail(`weightsManifest: path ${JSON.stringify(path)} is not a file beside model.json`);
}

function checkWeight(value: unknown): void {
  const weight = value as Partial<ManifestWeight>;
  if (typeof weight?.name !== 'string') return fail('weightsManifest: a weight has no name');
  const { name, shape, dtype, quantization } = weight;
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    return fail(`weight ${name}: shape ${JSON.stringify(shape)} is not a list of sizes`);
  }
  const stored = quantization?.dtype ?? dtype;
  if (typeof stored !== 'string' || !Object.hasOwn(bytesOf, stored)) {
    fail(`weight ${name}: dtype ${JSON.stringify(stored)} is not one of ${Object.keys(bytesOf)}`);
  }
}

function fail(message: string): never {
  throw new GradcamError('model', `model.json ${message}`);
}
