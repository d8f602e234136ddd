import { oneAtATime } from '../engines/port/one-at-a-time.ts';
import { listOpaqueCalls } from '../network/opaque-call.ts';
import type { Engine, Session } from '../engines/port/engine.ts';
import type { LoadModelOptions, Model } from './description.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { readOnnxFile } from './onnx-file.ts';
import { describeOnnxFile } from './onnx-model.ts';
import { computesBatches, noteOneAtATime } from './prove-batches.ts';
import { proveTranslation } from './prove-translation.ts';
import { weightSourceOf, type TranslatedWeights } from './translated-weights.ts';

/** Raise this number whenever the trial of batches changes, so that kept answers no longer count. */
const TRIAL = 1;

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
  const { description, translated } = await describeOnnxFile(
    file,
    files,
    overrides,
    engine.runOnnxValues,
  );
  const paths = [files.onnx!, ...file.external.keys()];
  const identity = (await files.identify?.(paths)) ?? null;
  const network = description.network;
  const session = await open(engine, { ...translated, network }, identity);
  try {
    const proof = await proveTranslation({ file, translated, engine, session, identity, proofs });
    const sizes = translated.inputs.map(({ shape }) => shape);
    const key =
      identity === null ? null : JSON.stringify(['batches', TRIAL, engine.name, sizes, identity]);
    const isJoined =
      listOpaqueCalls(network).length === 0 || (await computesBatches(session, key, proofs));
    const opened = { ...description, engine: engine.name, proof, dispose: () => session.dispose() };
    if (isJoined) return { ...opened, session };
    const note = noteOneAtATime(network);
    const assumptions = [...description.assumptions, note];
    return { ...opened, assumptions, oneAtATime: note, session: oneAtATime(session) };
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
