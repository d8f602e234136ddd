// @ts-check
import { listFixtures, modelSeed } from '../fixtures.mjs';
import { digestModel, mutateModel, readingOnly } from './model-json.mjs';

/**
 * GraphModels read as networks: topology, constants computed while reading, translation and weights. No model
 * runs.
 *
 * @type {import('../target.mjs').Target}
 */
export const graphDef = {
  name: 'graph-def',
  share: 4,
  mutationsOf: mutateModel,
  start: async () => ({
    seeds: [
      modelSeed('core/graph/residual'),
      ...listFixtures('core/frozen', /^[^.]+$/).map((net) => modelSeed(`core/frozen/${net}`)),
    ],
    run: ({ files }) => digestModel(files, readingOnly),
  }),
};
