// @ts-check
import { loadModel, modelFilesInMemory, prepareInput, reportCapabilities } from '@gradcam/core';
import { digestOf } from '../digest.mjs';
import { modelSeed } from '../fixtures.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { createRandom } from '../random.mjs';
import { makeTinyModels } from './tiny-model.mjs';

const IMAGE = {
  width: 9,
  height: 7,
  channels: /** @type {const} */ (3),
  data: createRandom(1).bytes(9 * 7 * 3),
};

/**
 * An engine that only keeps what it is given, so that core does all of its reading and no model runs.
 *
 * @type {import('@gradcam/core').Engine}
 */
export const readingOnly = {
  name: 'none',
  async open(network, weights) {
    const parts = [...weights].map(
      ([name, { shape, data }]) => `${name} ${shape} ${digestOf(new Uint8Array(data.buffer))}`,
    );
    const session = {
      network,
      parts,
      run: () => Promise.reject(new Error('nothing runs')),
      dispose() {},
    };
    return session;
  },
};

/**
 * Reads everything of a model that needs no image, and then prepares an image for it.
 *
 * @param {Readonly<Record<string, Uint8Array>>} files
 * @param {import('@gradcam/core').Engine} engine
 */
export async function digestModel(files, engine) {
  const model = await loadModel(modelFilesInMemory(files), { engine });
  try {
    const { network, input, classNames, endpoints, defaultLayer, assumptions } = model;
    const report = reportCapabilities(model);
    const prepared = prepareInput(IMAGE, input);
    const { parts = [] } = /** @type {{ parts?: string[] }} */ (
      /** @type {unknown} */ (model.session)
    );
    const described = {
      nodes: network.nodes,
      input,
      classNames,
      endpoints,
      defaultLayer,
      assumptions,
      report,
      parts,
    };
    return digestOf(JSON.stringify(described), new Uint8Array(prepared.values.data.buffer));
  } finally {
    model.dispose();
  }
}

/** @type {import('../target.mjs').Target['mutationsOf']} */
export const mutateModel = (file) => (file === 'model.json' ? [mutateJson] : [mutateBytes]);

/**
 * LayersModels read by core: topology, manifest, metadata block, weights and preprocessing.
 *
 * @type {import('../target.mjs').Target}
 */
export const modelJson = {
  name: 'model-json',
  share: 12,
  mutationsOf: mutateModel,
  start: async () => ({
    seeds: [
      ...makeTinyModels(),
      ...['two-inputs', 'fused-sequential', 'squeeze-excite', 'mobilenet-like'].map((net) =>
        modelSeed(`core/nets/${net}`),
      ),
    ],
    run: ({ files }) => digestModel(files, readingOnly),
  }),
};
