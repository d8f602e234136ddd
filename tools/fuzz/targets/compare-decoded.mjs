// @ts-check
import { readFloat32Chunks } from '@gradcam/converter';
import { decodeWeights } from '../../../packages/core/dist/artifact/decode-weights.js';
import { readManifest } from '../../../packages/core/dist/artifact/weights-manifest.js';
import { Disagreement } from '../oracle.mjs';

/** The most bytes of weights that are compared value by value. */
const MAX_COMPARED_BYTES = 2 ** 20;

/**
 * Decodes the weights of a manifest with core, which has its own code for this, and compares.
 *
 * @param {readonly import('@gradcam/converter').StoredTensor[]} tensors as the converter read them
 * @param {() => unknown} manifest its JSON
 * @param {Readonly<Record<string, Uint8Array>>} files
 * @throws Disagreement where both read other values
 */
export async function compareDecoded(tensors, manifest, files) {
  const other = await decodeByCore(manifest, files);
  for (const tensor of tensors) {
    const array = other?.get(tensor.name);
    if (array === undefined || tensor.byteLength > MAX_COMPARED_BYTES) continue;
    const parts = [];
    for await (const chunk of readFloat32Chunks(tensor)) parts.push(chunk.slice());
    const { buffer, byteOffset, byteLength } = array.data;
    if (!Buffer.concat(parts).equals(Buffer.from(buffer, byteOffset, byteLength))) {
      throw new Disagreement('core and converter decode other weights');
    }
  }
}

/**
 * @param {() => unknown} manifest
 * @param {Readonly<Record<string, Uint8Array>>} files
 */
async function decodeByCore(manifest, files) {
  try {
    return await decodeWeights(readManifest(manifest()), async (path) => {
      if (files[path] === undefined) throw new Error('no shard');
      return files[path];
    });
  } catch {
    return undefined;
  }
}
