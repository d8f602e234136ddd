import { FormatError, LimitError, NotFoundError, UnsupportedError } from '../../errors.ts';
import {
  measureEntry,
  type Quantization,
  type WeightEntry,
  type WeightsGroup,
} from '../../artifact/model-json.ts';
import { dequantizeChunk } from '../../artifact/quantize.ts';
import { createJoinedSource } from '../../bytes/joined-source.ts';
import { MAX_NAME_BYTES, MAX_TENSORS } from '../../bytes/limits.ts';
import { sliceSource, type RandomAccessSource, type SourceFolder } from '../../bytes/source.ts';
import { readPlainChunks } from '../../tensors/array-chunks.ts';
import type { DType } from '../../tensors/dtype.ts';
import {
  measureTensor,
  type SkippedEntry,
  type StoredTensor,
} from '../../tensors/stored-tensor.ts';
import { readFloat32Chunks } from '../../tensors/to-float32.ts';

const FORMAT = 'tfjs-layers';
const DTYPES: ReadonlyMap<string, DType> = new Map([
  ['float32', 'float32'],
  ['int32', 'int32'],
  ['bool', 'bool'],
]);

/** The weights that a manifest of tfjs lists. Specification: tfjs-core/src/io/types.ts. */
export interface ManifestWeights {
  readonly tensors: readonly StoredTensor[];
  readonly skipped: readonly SkippedEntry[];
  /** The entries of the manifest by the names of their weights. */
  readonly entries: ReadonlyMap<string, WeightEntry>;
  /** The names of the shards. */
  readonly paths: readonly string[];
}

/**
 * Opens the weights of a manifest, in the shards beside it. Quantised weights are read as the float32 numbers
 * that tfjs makes of them.
 *
 * @param name the file that holds the manifest, for messages.
 * @throws FormatError, UnsupportedError (paths that lead out of the folder), NotFoundError (a missing shard),
 *   LimitError
 */
export async function readManifestWeights(
  manifest: unknown,
  name: string,
  folder: SourceFolder,
): Promise<ManifestWeights> {
  const groups = checkManifest(manifest, name);
  const tensors: StoredTensor[] = [];
  const skipped: SkippedEntry[] = [];
  const entries = new Map<string, WeightEntry>();
  for (const group of groups) {
    const bytes = await openShards(group.paths, folder);
    let offset = 0;
    for (const entry of group.weights) {
      const stored = measureEntry(entry);
      const dtype = DTYPES.get(entry.dtype);
      if (dtype === undefined || Number.isNaN(stored)) {
        skipped.push({ name: entry.name, reason: `dtype ${entry.dtype}` });
        // Such an entry has no fixed size, so the weights after it cannot be found.
        break;
      }
      if (offset + stored > bytes.byteLength) {
        throw new FormatError(
          FORMAT,
          `${entry.name} ends at byte ${offset + stored}, but the shards hold ${bytes.byteLength} bytes`,
        );
      }
      if (entries.has(entry.name)) {
        throw new FormatError(FORMAT, `${name} lists the weight ${entry.name} twice`);
      }
      entries.set(entry.name, entry);
      if (entries.size > MAX_TENSORS) {
        throw new LimitError(`weights in ${name}`, MAX_TENSORS, entries.size);
      }
      tensors.push(createTensor(entry, dtype, sliceSource(bytes, offset, stored)));
      offset += stored;
    }
  }
  return { tensors, skipped, entries, paths: groups.flatMap((group) => group.paths) };
}

function createTensor(entry: WeightEntry, dtype: DType, bytes: RandomAccessSource): StoredTensor {
  const { name, shape, quantization } = entry;
  const byteLength = measureTensor(name, dtype, shape);
  const raw: StoredTensor = {
    name,
    dtype,
    shape,
    byteLength,
    chunks: () => readPlainChunks(bytes),
  };
  if (quantization === undefined) return raw;
  return { ...raw, chunks: () => readQuantized(raw, quantization) };
}

async function* readQuantized(
  raw: StoredTensor,
  quantization: Quantization,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (quantization.dtype === 'float16') {
    yield* readFloat32Chunks({ ...raw, dtype: 'float16' });
    return;
  }
  for await (const chunk of raw.chunks()) yield dequantizeChunk(chunk, quantization);
}

function checkManifest(manifest: unknown, name: string): WeightsGroup[] {
  if (!Array.isArray(manifest)) throw new FormatError(FORMAT, `${name} has no weightsManifest`);
  const paths = new Set<string>();
  return manifest.map((group: unknown) => {
    if (!isRecord(group) || !isTexts(group['paths']) || !Array.isArray(group['weights'])) {
      throw new FormatError(
        FORMAT,
        `${name}: a group of its weightsManifest has no paths or no weights`,
      );
    }
    for (const path of group['paths']) {
      checkPath(path);
      if (paths.has(path))
        throw new FormatError(FORMAT, `${name}: its weightsManifest lists the file ${path} twice`);
      paths.add(path);
    }
    return { paths: group['paths'], weights: group['weights'].map(checkEntry) };
  });
}

/** Allows only files beside model.json, not files in other folders or places. */
function checkPath(path: string): void {
  if (path !== '' && path !== '.' && path !== '..' && !/[\\/:\0]/.test(path)) return;
  throw new UnsupportedError(
    'manifest path',
    `the manifest names ${JSON.stringify(path)}; expected the plain name of a file beside model.json`,
  );
}

function checkEntry(entry: unknown): WeightEntry {
  if (!isRecord(entry))
    throw new FormatError(FORMAT, 'expected an object as manifest entry, found something else');
  const { name, shape, dtype, quantization } = entry;
  const isShape =
    Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (typeof name === 'string' && name.length > MAX_NAME_BYTES) {
    throw new LimitError('name of a weight', MAX_NAME_BYTES, name.length);
  }
  if (typeof name !== 'string' || typeof dtype !== 'string' || !isShape) {
    throw new FormatError(
      FORMAT,
      `manifest entry ${JSON.stringify(name)} has no name, shape or dtype`,
    );
  }
  if (quantization === undefined) return { name, shape, dtype };
  if (dtype !== 'float32') {
    throw new UnsupportedError('quantisation', `${name} is quantised, of dtype ${dtype}`);
  }
  return { name, shape, dtype, quantization: checkQuantization(quantization, name) };
}

function checkQuantization(value: unknown, name: string): Quantization {
  if (isRecord(value)) {
    const { dtype, min, scale } = value;
    if (dtype === 'float16') return { dtype };
    const affine = Number.isFinite(min) && Number.isFinite(scale);
    if ((dtype === 'uint8' || dtype === 'uint16') && affine) {
      return { dtype, min: min as number, scale: scale as number };
    }
  }
  throw new UnsupportedError('quantisation', `${name} is quantised as ${JSON.stringify(value)}`);
}

async function openShards(
  paths: readonly string[],
  folder: SourceFolder,
): Promise<RandomAccessSource> {
  const shards: RandomAccessSource[] = [];
  for (const path of paths) {
    const shard = await folder.open(path);
    if (shard === undefined) {
      throw new NotFoundError(path, `the shard ${path} is missing beside model.json; put it there`);
    }
    shards.push(shard);
  }
  return createJoinedSource(paths[0] ?? 'no shards', shards);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
