import { foreignRuntime, loadModel, type Model, type ModelDescription } from '@gradcam/core';
import { listRandomisableLayers, randomiseWeights, readAllWeights } from '@gradcam/core/evidence';
import { openModelFolder } from '@gradcam/core/node';
import { openEngine } from '../../models/open-engine.ts';
import { openForeignEngine } from '../../models/open-foreign-engine.ts';
import { openProofStore } from '../../models/proof-store.ts';
import type { Terminal } from '../../terminal/messages.ts';
import type { EvaluateSettings } from './flags.ts';

/**
 * The model to evaluate and, if randomisation is measured, the same model with noise in place of its weights.
 */
export interface OpenedModels {
  readonly model: Model;
  readonly randomised: Model | null;
  dispose(): void;
}

/**
 * Opens the model on an engine. With the metric `randomisation` it opens it a second time with noise as its
 * weights.
 */
export async function openModels(
  location: string,
  engineName: string,
  settings: EvaluateSettings,
  described: ModelDescription,
  terminal: Terminal,
): Promise<OpenedModels> {
  const runtime = foreignRuntime(described.network);
  const options = { threads: settings.threads, keepGraphs: true };
  const engine =
    runtime === null
      ? await openEngine(engineName, terminal, options)
      : await openForeignEngine(runtime, engineName, terminal, options);
  const proofs = openProofStore();
  const model = await loadModel(openModelFolder(location), { engine, proofs, ...settings.model });
  if (model.oneAtATime !== undefined) terminal.note(model.oneAtATime);
  try {
    const randomised = settings.metrics.includes('randomisation')
      ? await openRandomised(model, engine, settings.seed)
      : null;
    return {
      model,
      randomised,
      dispose() {
        randomised?.dispose();
        model.dispose();
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function openRandomised(
  model: Model,
  engine: Awaited<ReturnType<typeof openEngine>>,
  seed: number,
): Promise<Model> {
  const { network } = model.session;
  const learnt = listRandomisableLayers(network).flatMap((layer) => layer.weights);
  const weights = randomiseWeights(await readAllWeights(model.session), learnt, seed);
  const session = await engine.open(network, weights);
  return { ...model, session, dispose: () => session.dispose() };
}
