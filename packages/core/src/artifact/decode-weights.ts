import { countElements, findNonFinite, type NdArray } from '../base/nd-array.ts';
import { GradcamError } from '../base/errors.ts';
import { decodeHalf } from '../base/half-precision.ts';
import { refuseLfsPointer } from '../base/lfs-pointer.ts';
import { joinBytes } from '../base/join-bytes.ts';
import { countBytes, type ManifestGroup, type ManifestWeight } from './weights-manifest.ts';

/**
 * Reads a file in the model's folder. A file larger than `maxBytes` is of no use to the caller and need
 * not be read.
 */
export type ReadShard = (path: string, maxBytes: number) => Promise<Uint8Array>;

/**
 * Reads all weights of a model as float32, undoing the manifest's quantisation.
 *
 * @throws GradcamError `model` where the shards hold fewer or more bytes than the manifest lists, or
 *   a weight has a value that is not finite.
 */
export async function decodeWeights(
  groups: readonly ManifestGroup[],
  readShard: ReadShard,
): Promise<Map<string, NdArray>> {
  const weights = new Map<string, NdArray>();
  for (const group of groups) {
    const bytes = streamShards(group, readShard);
    for (const weight of group.weights) {
      weights.set(weight.name, decodeWeight(weight, await bytes.take(countBytes(weight))));
    }
    await bytes.finish();
  }
  return weights;
}

/**
 * Reads only the named weights. Of each group, the shards are read up to the last named weight.
 *
 * @throws GradcamError as {@link decodeWeights}.
 */
export async function readWeights(
  groups: readonly ManifestGroup[],
  names: readonly string[],
  readShard: ReadShard,
): Promise<Map<string, NdArray>> {
  const wanted = new Set(names);
  const weights = new Map<string, NdArray>();
  for (const group of groups) {
    const last = group.weights.map(({ name }) => wanted.has(name)).lastIndexOf(true);
    const bytes = streamShards(group, readShard);
    for (const weight of group.weights.slice(0, last + 1)) {
      const taken = await bytes.take(countBytes(weight));
      if (wanted.has(weight.name)) weights.set(weight.name, decodeWeight(weight, taken));
    }
  }
  return weights;
}

/** Streams the bytes of a group's shards in order. Only the current shard is held in memory. */
function streamShards(
  group: ManifestGroup,
  readShard: ReadShard,
): { take(count: number): Promise<Uint8Array<ArrayBuffer>>; finish(): Promise<void> } {
  const paths = [...group.paths];
  const expected = countGroup(group);
  let shard: Uint8Array = new Uint8Array(0);
  let found = 0;
  const readOn = async (): Promise<boolean> => {
    const path = paths.shift();
    if (path === undefined) return false;
    shard = await readShard(path, expected - found);
    refuseLfsPointer(shard, path);
    found += shard.byteLength;
    return true;
  };
  return {
    async take(count) {
      const taken = reserve(count, group, found);
      let filled = 0;
      while (filled < count) {
        if (shard.byteLength === 0 && !(await readOn())) throw wrongLength(group, found);
        const part = shard.subarray(0, count - filled);
        taken.set(part, filled);
        filled += part.byteLength;
        shard = shard.subarray(part.byteLength);
      }
      return taken;
    },
    async finish() {
      if (shard.byteLength > 0) throw wrongLength(group, found);
      // Only empty shards may follow. Reading stops at the first byte too many.
      while (await readOn()) if (found > expected) throw wrongLength(group, found);
    },
  };
}

/**
 * Allocates memory for one weight. The operating system provides pages only as they are filled, so a
 * manifest that claims more bytes than its shards hold takes no more memory than the shards.
 */
function reserve(count: number, group: ManifestGroup, found: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(count);
  } catch {
    throw wrongLength(group, found);
  }
}

/** Bytes of all weights of a group. */
export function countGroup(group: ManifestGroup): number {
  return group.weights.reduce((sum, weight) => sum + countBytes(weight), 0);
}

/** The error for a group whose files do not hold the bytes that the manifest lists. */
export function wrongLength(group: ManifestGroup, found: number): GradcamError {
  return new GradcamError(
    'model',
    `shards ${group.paths.join(', ')}: the manifest lists ${countGroup(group)} bytes of weights, the files hold ${found}; the model is incomplete or damaged`,
  );
}

/**
 * The bytes of all weights, one after the other, in the order of the manifest.
 *
 * @throws GradcamError `model` where the shards hold fewer or more bytes.
 */
export async function joinWeights(
  groups: readonly ManifestGroup[],
  readShard: ReadShard,
): Promise<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const group of groups) parts.push(await joinShards(group, readShard));
  return joinBytes(parts).buffer;
}

async function joinShards(group: ManifestGroup, readShard: ReadShard): Promise<Uint8Array> {
  const expected = countGroup(group);
  const shards: Uint8Array[] = [];
  let found = 0;
  for (const path of group.paths) {
    const shard = await readShard(path, expected - found);
    refuseLfsPointer(shard, path);
    shards.push(shard);
    found += shard.byteLength;
    if (found > expected) break;
  }
  if (found !== expected) throw wrongLength(group, found);
  return joinBytes(shards);
}

/**
 * @param bytes of this weight only, in a buffer of their own, which a float32 weight takes over.
 */
function decodeWeight(weight: ManifestWeight, bytes: Uint8Array<ArrayBuffer>): NdArray {
  const data = decodeNumbers(weight, bytes);
  checkFinite(weight.name, data);
  return { shape: weight.shape, data };
}

/** The numbers with the manifest's quantisation undone; values may be infinite. See {@link decodeWeight}. */
export function decodeNumbers(
  weight: ManifestWeight,
  bytes: Uint8Array<ArrayBuffer>,
): Float32Array {
  const count = countElements(weight.shape);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { quantization } = weight;
  if (quantization?.dtype === 'float16') {
    return Float32Array.from({ length: count }, (_, i) => decodeHalf(view.getUint16(2 * i, true)));
  }
  if (quantization !== undefined) {
    const { min = 0, scale = 1 } = quantization;
    const wide = quantization.dtype === 'uint16';
    return Float32Array.from({ length: count }, (_, i) => {
      const value = (wide ? view.getUint16(2 * i, true) : bytes[i]!) * scale + min;
      return weight.dtype === 'int32' ? Math.round(value) : value;
    });
  }
  if (weight.dtype === 'float32') return new Float32Array(bytes.buffer);
  if (weight.dtype === 'int32') return Float32Array.from(new Int32Array(bytes.buffer));
  return Float32Array.from(bytes, (byte) => (byte === 0 ? 0 : 1));
}

/**
 * Checks the values of a weight, or a part of them.
 *
 * @param first index of the part's first value.
 * @throws GradcamError `model` for a value that is not finite.
 */
export function checkFinite(name: string, data: Float32Array, first = 0): void {
  const index = findNonFinite(data);
  if (index < 0) return;
  throw new GradcamError(
    'model',
    `weight ${name}: expected finite numbers, found ${data[index]} at index ${first + index}`,
  );
}
