// @ts-check
import { createMemoryFolder, openWeights } from '@gradcam/converter';
import { digestWeights } from '../digest.mjs';
import { modelSeed } from '../fixtures.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { compareDecoded } from './compare-decoded.mjs';
import { makeTinyModels } from './tiny-model.mjs';

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
      const manifest = () => JSON.parse(new TextDecoder().decode(files[open])).weightsManifest;
      await compareDecoded(file.tensors, manifest, files);
      return digest;
    },
  }),
};
