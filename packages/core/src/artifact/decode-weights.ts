import { countElements, type NdArray } from '../array/nd-array.ts';
import { GradcamError } from '../errors.ts';
import { countBytes, type ManifestGroup, type ManifestWeight } from './weights-manifest.ts';

/** Gives the bytes of a file of the model's folder. */
export type ReadShard = (path: string) => Promise<Uint8Array>;

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
    const bytes = await joinShards(group, readShard);
    let offset = 0;
    for (const weight of group.weights) {
      const size = countBytes(weight);
      const data = decodeWeight(weight, bytes.subarray(offset, offset + size));
      checkFinite(weight.name, data);
      weights.set(weight.name, { shape: weight.shape, data });
      offset += size;
    }
  }
  return weights;
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
  const expected = group.weights.reduce((sum, weight) => sum + countBytes(weight), 0);
  const shards: Uint8Array[] = [];
  for (const path of group.paths) shards.push(await readShard(path));
  const found = shards.reduce((sum, shard) => sum + shard.byteLength, 0);
  if (found !== expected) {
    throw new GradcamError(
      'model',
      `shards ${group.paths.join(', ')}: the manifest lists ${expected} bytes of weights, the files hold ${found}; the model is incomplete or damaged`,
    );
  }
  const joined = new Uint8Array(expected);
  let offset = 0;
  for (const shard of shards) {
    joined.set(shard, offset);
    offset += shard.byteLength;
  }
  return joined;
}

function decodeWeight(weight: ManifestWeight, bytes: Uint8Array): Float32Array {
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
  if (weight.dtype === 'float32') return new Float32Array(bytes.slice().buffer);
  if (weight.dtype === 'int32') return Float32Array.from(new Int32Array(bytes.slice().buffer));
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
  // A plain loop: findIndex with a function takes ten times as long, 0.25 s for 25 million weights.
  let index = 0;
  while (index < data.length && data[index]! - data[index]! === 0) index++;
  if (index === data.length) return;
  throw new GradcamError('model', `weight ${name} holds ${data[index]} at index ${index}`);
}
