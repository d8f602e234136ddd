// @ts-check
import { createLayersEngine } from '@gradcam/core/layers';
import * as tf from '@tensorflow/tfjs-core';
import { modelSeed } from '../fixtures.mjs';
import { Disagreement } from '../oracle.mjs';
import { digestModel, mutateModel } from './model-json.mjs';

/**
 * Models with layers of tfjs-layers. They are built and freed, and must leave as many tensors as before.
 *
 * @type {import('../target.mjs').Target}
 */
export const foreignLayers = {
  name: 'foreign-layers',
  share: 2,
  mutationsOf: mutateModel,
  async start() {
    const engine = await createLayersEngine({ backend: 'cpu' });
    return {
      seeds: ['gated', 'text-line', 'captioner-by-gru'].map((net) =>
        modelSeed(`core/layers/${net}`),
      ),
      async run({ files }) {
        const before = tf.memory().numTensors;
        try {
          return await digestModel(files, engine);
        } finally {
          if (tf.memory().numTensors !== before) throw new Disagreement('tensors are left behind');
        }
      },
    };
  },
};
