import { countElements } from '../base/nd-array.ts';
import { GradcamError } from '../base/errors.ts';

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

/** Most bytes of all weights of one model. More could not be held as float32 in memory anyway. */
const MAX_WEIGHT_BYTES = 16 * 2 ** 30;

/** Most weights of one model. ConvNeXtXLarge, one of the largest in Keras, has about 700. */
const MAX_WEIGHTS = 100_000;

const bytesOfDtype = { float32: 4, int32: 4, bool: 1 } as const;
const bytesOfQuantized = { uint8: 1, uint16: 2, float16: 2 } as const;

/** Bytes that a weight takes in the shards. */
export function countBytes(weight: ManifestWeight): number {
  const { shape, dtype, quantization } = weight;
  const size =
    quantization === undefined ? bytesOfDtype[dtype] : bytesOfQuantized[quantization.dtype];
  return countElements(shape) * size;
}

/**
 * Checks the `weightsManifest` of a `model.json`.
 *
 * @throws GradcamError `model` for a wrong field, an unknown dtype, a weight or a file that is listed
 *   twice, a path that leaves the folder, or more weights or bytes than the limits.
 */
export function readManifest(value: unknown): readonly ManifestGroup[] {
  if (!Array.isArray(value)) return fail('weightsManifest: expected a list');
  const names = new Set<string>();
  const paths = new Set<string>();
  let bytes = 0;
  for (const group of value as Partial<ManifestGroup>[]) {
    if (!Array.isArray(group?.paths) || !Array.isArray(group.weights)) {
      return fail('weightsManifest: a group needs paths and weights');
    }
    for (const path of group.paths as unknown[]) {
      const file = checkPath(path);
      if (paths.has(file)) return fail(`weightsManifest: file ${file} is listed twice`);
      paths.add(file);
    }
    for (const weight of group.weights as unknown[]) {
      const checked = checkWeight(weight);
      const { name } = checked;
      if (names.has(name)) return fail(`weightsManifest: weight ${name} is listed twice`);
      names.add(name);
      bytes += countBytes(checked);
      if (bytes > MAX_WEIGHT_BYTES || names.size > MAX_WEIGHTS) {
        return fail(
          `weightsManifest: ${names.size} weights up to ${name} take ${bytes} bytes; ${MAX_WEIGHTS} weights and ${MAX_WEIGHT_BYTES} bytes are the limits`,
        );
      }
    }
  }
  return value as ManifestGroup[];
}

/**
 * Checks that a path stays inside the model's folder. The path is joined to a folder or to a URL, so
 * everything that either could read as a way out is refused. In URLs these are also backslashes,
 * percent-encoded dots, and the control characters that URL parsers drop.
 */
function checkPath(path: unknown): string {
  const stays =
    typeof path === 'string' &&
    path !== '' &&
    path === path.trim() &&
    !path.startsWith('/') &&
    !/[\\\p{Cc}]/u.test(path) &&
    !/^[a-z][a-z0-9+.-]*:/i.test(path) &&
    !path.replaceAll(/%2e/gi, '.').split('/').includes('..');
  if (stays) return path;
  return fail(
    `weightsManifest: path ${JSON.stringify(path)} does not name a file in the folder of model.json`,
  );
}

function checkWeight(value: unknown): ManifestWeight {
  const weight = value as Partial<ManifestWeight> | null;
  if (typeof weight?.name !== 'string') return fail('weightsManifest: a weight has no name');
  const { name, shape, dtype, quantization } = weight;
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    return fail(`weight ${name}: shape ${JSON.stringify(shape)} is not a list of sizes`);
  }
  checkDtype(name, 'dtype', dtype, Object.keys(bytesOfDtype));
  if (quantization !== undefined) checkQuantization(name, quantization);
  return weight as ManifestWeight;
}

function checkQuantization(name: string, value: unknown): void {
  const { dtype, min, scale } = (value ?? {}) as Record<string, unknown>;
  checkDtype(name, 'quantization', dtype, Object.keys(bytesOfQuantized));
  const isAffine = dtype !== 'float16';
  if (isAffine && !(Number.isFinite(min) && Number.isFinite(scale))) {
    fail(`weight ${name}: quantization to ${String(dtype)} needs numbers min and scale`);
  }
}

function checkDtype(name: string, what: string, dtype: unknown, known: readonly string[]): void {
  if (typeof dtype === 'string' && known.includes(dtype)) return;
  fail(`weight ${name}: ${what} ${JSON.stringify(dtype)} is not one of ${known.join(', ')}`);
}

function fail(message: string): never {
  throw new GradcamError('model', `model.json ${message}`);
}
