import { explain, loadModel } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createTfjsEngine } from '@gradcam/core/tfjs';
import { startService, type ModelSource, type Service } from '@gradcam/service/http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const nets = fileURLToPath(new URL('../../../core/test/fixtures/nets', import.meta.url));

/** A net of Keras from the fixtures of core. */
export const NET = 'fused-sequential';

/** One fixture as a source of models, run in this thread. */
export const fixtureModels: ModelSource = {
  list: async () => [NET],
  async describe() {
    const model = await openNet();
    model.dispose();
    return model;
  },
  async open(id) {
    const model = await openNet();
    return {
      id,
      description: model,
      digest: '0'.repeat(64),
      engine: model.engine,
      explainer: { explain: (input, options) => explain(model, input, options), drop: () => {} },
      close: async () => model.dispose(),
    };
  },
};

async function openNet() {
  const engine = await createTfjsEngine({ backend: 'cpu' });
  return loadModel(openModelFolder(path.join(nets, NET)), { engine });
}

/** Starts a service of the fixture on a free port. */
export function startFixtureService(
  more: Partial<Parameters<typeof startService>[0]> = {},
): Promise<Service> {
  const program = { software: 'a test 1.0', version: '1.0', note: () => {} };
  return startService({ models: fixtureModels, ...program, ...more });
}
