import { countElements, findNonFinite, type NdArray } from '../base/nd-array.ts';
import { GradcamError } from '../base/errors.ts';
import { countBytes, type ManifestGroup, type ManifestWeight } from './weights-manifest.ts';

/** Gives the bytes of a file of the model's folder; one with more than `maxBytes` need not be read. */
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
      const data = decodeWeight(weight, await bytes.take(countBytes(weight)));
      checkFinite(weight.name, data);
      weights.set(weight.name, { shape: weight.shape, data });
    }
    await bytes.finish();
  }
  return weights;
}

/**
 * Reads some weights alone: of a group that holds one of them, its shards up to the last.
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
      if (!wanted.has(weight.name)) continue;
      const data = decodeWeight(weight, taken);
      checkFinite(weight.name, data);
      weights.set(weight.name, { shape: weight.shape, data });
    }
  }
  return weights;
}

/** The bytes of a group's shards in order; of the shards only the one in use is held. */
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
      // What follows may be empty, and nothing else: it ends at the first byte too many.
      while (await readOn()) if (found > expected) throw wrongLength(group, found);
    },
  };
}

/**
 * Memory for one weight. The system backs it page by page as it is filled, so that a manifest that
 * claims more than its shards hold takes up no more than those.
 */
function reserve(count: number, group: ManifestGroup, found: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(count);
  } catch {
    throw wrongLength(group, found);
  }
}

function countGroup(group: ManifestGroup): number {
  return group.weights.reduce((sum, weight) => sum + countBytes(weight), 0);
}

function wrongLength(group: ManifestGroup, found: number): GradcamError {
  return new GradcamError(
    'model',
    `shards ${group.paths.join(', ')}: the manifest lists ${countGroup(group)} bytes of weights, the files hold ${found}; the model is incomplete or damaged`,
  );
}

/**
 * The bytes of all weights, one after the other, as the manifest lists them.
 *
 * @throws GradcamError `model` where the shards hold fewer or more bytes.
 */
export async function joinWeights(
  groups: readonly ManifestGroup[],
  readShard: ReadShard,
): Promise<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const group of groups) parts.push(await joinShards(group, readShard));
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined.buffer;
}

async function joinShards(group: ManifestGroup, readShard: ReadShard): Promise<Uint8Array> {
  const expected = countGroup(group);
  const shards: Uint8Array[] = [];
  let found = 0;
  for (const path of group.paths) {
    const shard = await readShard(path, expected - found);
    shards.push(shard);
    found += shard.byteLength;
    if (found > expected) break;
  }
  if (found !== expected) throw wrongLength(group, found);
  const joined = new Uint8Array(expected);
  let offset = 0;
  for (const shard of shards) {
    joined.set(shard, offset);
    offset += shard.byteLength;
  }
  return joined;
}

/** @param bytes the weight's alone, in a buffer of their own, which a float32 weight takes over. */
function decodeWeight(weight: ManifestWeight, bytes: Uint8Array<ArrayBuffer>): Float32Array {
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

/** IEEE 754 binary16. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function checkFinite(name: string, data: Float32Array): void {
  const index = findNonFinite(data);
  if (index < 0) return;
  throw new GradcamError('model', `weight ${name} holds ${data[index]} at index ${index}`);
}
