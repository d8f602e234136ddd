// @ts-check
import { createMemoryFolder, openWeights, readFloat32Chunks } from '@gradcam/converter';
import { decodeWeights } from '../../../packages/core/dist/artifact/decode-weights.js';
import { readManifest } from '../../../packages/core/dist/artifact/weights-manifest.js';
import { digestWeights } from '../digest.mjs';
import { modelSeed } from '../fixtures.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { Disagreement } from '../oracle.mjs';
import { makeTinyModels } from './tiny-model.mjs';

/** The most bytes of weights that are compared value by value. */
const MAX_COMPARED_BYTES = 2 ** 20;

/**
 * Decodes the same weights with core, which has its own code for this.
 *
 * @param {Readonly<Record<string, Uint8Array>>} files
 */
async function decodeByCore(files) {
  try {
    const groups = readManifest(
      JSON.parse(new TextDecoder().decode(files['model.json'])).weightsManifest,
    );
    return await decodeWeights(groups, async (path) => {
      if (files[path] === undefined) throw new Error('no shard');
      return files[path];
    });
  } catch {
    return undefined;
  }
}

/**
 * Model folders read by the converter. Core decodes their values too, and both must agree.
 *
 * @type {import('../target.mjs').Target}
 */
export const layersModel = {
  name: 'layers-model',
  share: 10,
  mutationsOf: (file) => (file === 'model.json' ? [mutateJson] : [mutateBytes]),
  start: async () => ({
    seeds: [...makeTinyModels(), modelSeed('core/nets/two-inputs')],
    async run({ open, files }) {
      const file = await openWeights(createMemoryFolder(new Map(Object.entries(files))), open);
      const digest = await digestWeights(file);
      const other = await decodeByCore(files);
      for (const tensor of file.tensors) {
        const array = other?.get(tensor.name);
        if (array === undefined || tensor.byteLength > MAX_COMPARED_BYTES) continue;
        const parts = [];
        for await (const chunk of readFloat32Chunks(tensor)) parts.push(chunk.slice());
        const { buffer, byteOffset, byteLength } = array.data;
        if (!Buffer.concat(parts).equals(Buffer.from(buffer, byteOffset, byteLength))) {
          throw new Disagreement('core and converter decode other weights');
        }
      }
      return digest;
    },
  }),
};
