// @ts-check
import { createMemoryFolder, openWeights } from '@gradcam/converter';
import { digestOf, digestWeights } from '../digest.mjs';
import { fixtureSeeds } from '../fixtures.mjs';
import { hdf5Mutations } from '../formats/hdf5.mjs';
import { dissectZip, zipMembers } from '../formats/zip.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';
import { mutateJson } from '../mutate/json.mjs';

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
const archiveMutations = [
  containerMutation(zipMembers, ({ name }) =>
    name.endsWith('.h5') ? hdf5Mutations : [mutateJson],
  ),
  containerMutation(zipMembers, ({ name }) =>
    name.endsWith('.h5') ? hdf5Mutations : [mutateJson],
  ),
  fieldMutation(dissectZip),
  mutateBytes,
];

/**
 * Reads a file of Keras as `gradcam convert` does: the topology as plain tfjs has it, and all weights.
 *
 * @type {import('../target.mjs').Started['run']}
 */
async function readKeras({ open, files }) {
  const file = await openWeights(createMemoryFolder(new Map(Object.entries(files))), open);
  const model = 'model' in file ? file.model : null;
  return digestOf(await digestWeights(file), JSON.stringify(model));
}

/**
 * Files of Keras in memory.
 *
 * @type {readonly import('../target.mjs').Target[]}
 */
export const kerasTargets = [
  {
    name: 'keras-h5',
    share: 10,
    mutationsOf: () => hdf5Mutations,
    start: async () => ({ seeds: fixtureSeeds('converter/keras', /\.h5$/), run: readKeras }),
  },
  {
    name: 'keras-zip',
    share: 10,
    mutationsOf: () => archiveMutations,
    start: async () => ({ seeds: fixtureSeeds('converter/keras', /\.keras$/), run: readKeras }),
  },
];
