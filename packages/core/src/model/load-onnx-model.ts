import type { Engine, Session } from '../engines/port/engine.ts';
import type { LoadModelOptions, Model } from './description.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { describeOnnxFile, readOnnxFile } from './onnx-model.ts';
import { proveTranslation } from './prove-translation.ts';
import { weightSourceOf, type TranslatedWeights } from './translated-weights.ts';

/**
 * Loads an ONNX file: translates it, opens the translation on the engine, and compares it with the file.
 *
 * @throws GradcamError `model` for a damaged file, `unsupported` for what cannot be translated or computes
 *   something else than the file.
 */
export async function loadOnnxModel(
  files: ModelFiles,
  { engine, proofs, ...overrides }: LoadModelOptions,
): Promise<Model> {
  const file = await readOnnxFile(files);
  const { description, translated } = await describeOnnxFile(file, files, overrides);
  const paths = [files.onnx!, ...file.external.keys()];
  const identity = (await files.identify?.(paths)) ?? null;
  const network = description.network;
  const session = await open(engine, { ...translated, network }, identity);
  try {
    const proof = await proveTranslation({ file, translated, engine, session, identity, proofs });
    return {
      ...description,
      engine: engine.name,
      session,
      proof,
      dispose: () => session.dispose(),
    };
  } catch (error) {
    session.dispose();
    throw error;
  }
}

async function open(
  engine: Engine,
  translated: TranslatedWeights,
  identity: string | null,
): Promise<Session> {
  const source = weightSourceOf(translated, 'onnx', identity);
  if (engine.openFrom !== undefined) return engine.openFrom(translated.network, source);
  return engine.open(translated.network, await source.read());
}
