// @ts-check
import { createMemoryFolder, openWeights } from '@gradcam/converter';
import { latin1 } from '../bytes.mjs';
import { digestWeights } from '../digest.mjs';
import { fixtureSeeds, readFixture } from '../fixtures.mjs';
import { npyMutations } from '../formats/npy.mjs';
import { pickleMutations } from '../formats/pickle.mjs';
import { tableMutations } from '../formats/table-mutations.mjs';
import { dissectZip, zipMembers } from '../formats/zip.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';
import { comparedWithNpyjs } from './npyjs.mjs';
import { makeNpySeeds, makePickleSeeds, makeTableSeeds, makeZipSeeds } from './weight-seeds.mjs';

const numericNpy = npyMutations([mutateBytes]);
const pickledNpy = npyMutations(pickleMutations);

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
const npzMutations = [
  containerMutation(zipMembers, ({ bytes }) =>
    bytes.length > 200 && isPickled(bytes) ? pickledNpy : numericNpy,
  ),
  containerMutation(zipMembers, () => numericNpy),
  fieldMutation(dissectZip),
  mutateBytes,
];

/** @param {Uint8Array} bytes */
function isPickled(bytes) {
  return bytes.subarray(0, 100).includes(latin1('O')[0]);
}

/** The data and the index of each bundle. */
const bundles = ['all_dtypes', 'object_graph'].map((name) => ({
  name,
  open: `${name}.bundle`,
  files: {
    [`${name}.bundle.index`]: readFixture(`converter/dtypes/${name}.bundle.index`),
    [`${name}.bundle.data-00000-of-00001`]: readFixture(
      `converter/dtypes/${name}.bundle.data-00000-of-00001`,
    ),
  },
}));

/**
 * @param {string} name
 * @param {number} share
 * @param {() => readonly import('../target.mjs').Input[]} listSeeds
 * @param {import('../target.mjs').Target['mutationsOf']} mutationsOf
 * @param {{ wholeOrRefused?: boolean, check?: (bytes: Uint8Array, file:
 * import('@gradcam/converter').WeightFile) => Promise<void> }} [more]
 * @returns {import('../target.mjs').Target}
 */
function weightTarget(name, share, listSeeds, mutationsOf, { wholeOrRefused = false, check } = {}) {
  return {
    name,
    share,
    wholeOrRefused,
    mutationsOf,
    start: async () => ({
      seeds: listSeeds(),
      async run({ open, files }) {
        const file = await openWeights(createMemoryFolder(new Map(Object.entries(files))), open);
        const digest = await digestWeights(file);
        await check?.(files[open], file);
        return digest;
      },
    }),
  };
}

/**
 * Readers of weights that are in memory.
 *
 * @type {readonly import('../target.mjs').Target[]}
 */
export const weightTargets = [
  weightTarget(
    'npy',
    14,
    () => [...fixtureSeeds('converter/npy', /^numeric_.*\.npy$/), ...makeNpySeeds()],
    () => numericNpy,
    { check: comparedWithNpyjs },
  ),
  weightTarget(
    'pickle',
    12,
    () => [...fixtureSeeds('converter/npy', /^pickled_.*\.npy$/), ...makePickleSeeds()],
    () => pickledNpy,
  ),
  weightTarget(
    'npz',
    5,
    () => [...fixtureSeeds('converter/npy', /\.npz$/), ...makeZipSeeds()],
    () => npzMutations,
  ),
  weightTarget(
    'checkpoint-v1',
    10,
    () => [...fixtureSeeds('converter/dtypes', /\.ckpt$/), ...makeTableSeeds()],
    () => tableMutations,
    { wholeOrRefused: true },
  ),
  weightTarget(
    'checkpoint-v2',
    10,
    () => bundles,
    (file) => (file.endsWith('.index') ? tableMutations : [mutateBytes]),
    { wholeOrRefused: true },
  ),
];
