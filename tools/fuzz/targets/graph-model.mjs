// @ts-check
import { loadModel, modelFilesInMemory } from '@gradcam/core';
import { createGraphModelEngine } from '@gradcam/core/graph-model';
import * as tf from '@tensorflow/tfjs-core';
import { digestOf } from '../digest.mjs';
import { modelSeed } from '../fixtures.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { Disagreement } from '../oracle.mjs';

/**
 * GraphModels: topology, manifest, and the pass on zeros from which shapes are read.
 *
 * @type {import('../target.mjs').Target}
 */
export const graphModel = {
  name: 'graph-model',
  share: 2,
  mutationsOf: (file) => (file === 'model.json' ? [mutateJson] : [mutateBytes]),
  async start() {
    const engine = await createGraphModelEngine({ backend: 'cpu' });
    return {
      seeds: [modelSeed('core/graph/residual')],
      async run({ files }) {
        const before = tf.memory().numTensors;
        try {
          const model = await loadModel(modelFilesInMemory(files), { engine });
          const { network, input, assumptions } = model;
          model.dispose();
          return digestOf(
            JSON.stringify({ nodes: network.nodes, heads: network.heads, input, assumptions }),
          );
        } finally {
          if (tf.memory().numTensors !== before) throw new Disagreement('tensors are left behind');
        }
      },
    };
  },
};
