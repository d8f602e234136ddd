import {
  embedImage,
  explain,
  explainTogether,
  isGradcamError,
  loadModel,
  prepareText,
  type Engine,
  type ImageExplanation,
  type MapEvidence,
  type Model,
  type NdArray,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import type { EvidenceSettings } from '@gradcam/runs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { classifyRunError } from '../classify-run-error.ts';
import { openEngine } from '../models/open-engine.ts';
import { openForeignEngine } from '../models/open-foreign-engine.ts';
import type { ModelThreadData, Order, Report, SentError } from './messages.ts';

/**
 * The thread that holds the model. ONNX Runtime blocks the thread that calls it for a whole pass, so reading,
 * painting, progress and Ctrl-C are handled in another thread.
 */
const port = parentPort!;

const tell = (report: Report, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(report, transfer);

type Question = Extract<Order, { kind: 'explain' | 'explain-together' | 'embed' }>;

const waiting: Question[] = [];
/** The question that is being answered. */
let current: { readonly id: number; readonly controller: AbortController } | null = null;
let model: Model | null = null;
let engineInUse: Engine | null = null;
/** The model with noise as weights, once evidence has been asked for. */
let randomised: Promise<Model | null> | null = null;
/** The values of the model's further inputs, which are the same for each picture. */
let others: ModelThreadData['inputs'] = {};
/** Whether the model is being loaded or is answering a request. */
let isBusy = true;
let isClosing = false;

port.on('message', (order: Order) => {
  if (order.kind === 'open') {
    void open(order.data);
  } else if (order.kind === 'cancel') {
    cancel(order.id);
  } else if (order.kind !== 'drop' && order.kind !== 'close') {
    waiting.push(order);
    void work();
  } else {
    for (const { id } of waiting.splice(0)) tell({ kind: 'dropped', id });
    isClosing ||= order.kind === 'close';
    closeWhenIdle();
  }
});

async function open({
  folder,
  engine,
  runtime,
  threads,
  overrides,
  inputs,
}: ModelThreadData): Promise<void> {
  const terminal = {
    note: (text: string) => tell({ kind: 'note', text }),
    debug: (text: string) => tell({ kind: 'debug', text }),
  };
  try {
    const options = { threads, keepGraphs: true };
    const opened =
      runtime === null
        ? await openEngine(engine, terminal, options)
        : await openForeignEngine(runtime, engine, terminal, options);
    others = inputs;
    engineInUse = opened;
    // Imported dynamically, so that the bundler puts the module into a file of its own. Otherwise other files
    // would import this one and thereby start the thread.
    const { openProofStore } = await import('../models/proof-store.ts');
    const proofs = openProofStore();
    model = await loadModel(openModelFolder(folder), { engine: opened, proofs, ...overrides });
    if (model.proof !== undefined) terminal.debug(model.proof);
    if (model.oneAtATime !== undefined) terminal.note(model.oneAtATime);
  } catch (error) {
    tell({ kind: 'failed', error: packError(error) });
    port.close();
    return;
  }
  const { oneAtATime } = model;
  tell({ kind: 'ready', engine: model.engine, ...(oneAtATime !== undefined && { oneAtATime }) });
  isBusy = false;
  void work();
}

async function work(): Promise<void> {
  if (isBusy || model === null) return;
  isBusy = true;
  for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
    await answer(model, order);
    // Receives the messages that arrived during the pass.
    await nextTurn();
  }
  isBusy = false;
  closeWhenIdle();
}

/** The question in hand ends before its next pass, since no message arrives during a pass. */
function cancel(id: number): void {
  if (current?.id === id) current.controller.abort();
  const at = waiting.findIndex((question) => question.id === id);
  if (at < 0) return;
  waiting.splice(at, 1);
  tell({ kind: 'dropped', id });
}

function closeWhenIdle(): void {
  if (!isClosing || isBusy) return;
  model?.dispose();
  port.close();
}

async function answer(model: Model, question: Question): Promise<void> {
  const { id } = question;
  const controller = new AbortController();
  const { signal } = controller;
  current = { id, controller };
  try {
    if (question.kind === 'explain-together') return await answerTogether(model, question, signal);
    const { input } = question;
    if (question.kind === 'embed') {
      const asked = { inputs: others, signal };
      tell({ kind: 'embedded', id, embedding: await embedImage(model, input, asked) });
      return;
    }
    const onProgress = ({ done, total }: { done: number; total: number }): void =>
      tell({ kind: 'progress', id, image: 0, done, total });
    const asked = { ...question.options, inputs: others, onProgress, signal };
    const result = await explain(model, input, asked);
    const evidence =
      question.evidence === undefined
        ? {}
        : { evidence: await examine(model, question, question.evidence, result, onProgress) };
    const buffers = new Set<ArrayBuffer>();
    const owned = takeBuffers(result, buffers);
    tell({ kind: 'explained', id, result: { ...owned, ...evidence } }, [...buffers]);
  } catch (error) {
    if (signal.aborted) tell({ kind: 'dropped', id });
    else tell({ kind: 'refused', id, error: packError(error) });
  } finally {
    current = null;
  }
}

async function answerTogether(
  model: Model,
  { id, inputs, options }: Extract<Question, { kind: 'explain-together' }>,
  signal: AbortSignal,
): Promise<void> {
  const results = await explainTogether(model, inputs, {
    ...{ ...options, inputs: others, signal },
    onProgress: ({ done, total }, image) => tell({ kind: 'progress', id, image, done, total }),
  });
  signal.throwIfAborted();
  const buffers = new Set<ArrayBuffer>();
  const answers = results.map((result) =>
    result.status === 'fulfilled'
      ? takeBuffers(result.value, buffers)
      : { error: packError(result.reason) },
  );
  tell({ kind: 'explained-together', id, results: answers }, [...buffers]);
}

async function examine(
  own: Model,
  { input, options }: Extract<Question, { kind: 'explain' }>,
  settings: EvidenceSettings,
  { explanations }: ImageExplanation,
  onProgress: (progress: { done: number; total: number }) => void,
): Promise<MapEvidence[]> {
  // Imported here, because most runs ask for no evidence.
  const { examineMaps, randomiseModel } = await import('@gradcam/runs');
  randomised ??= randomiseModel(own, engineInUse!, settings.seed);
  const { like, runs, batch } = options;
  const models = { model: own, randomised: await randomised };
  const inputs = prepareText(own, { ...options, inputs: others })?.inputs ?? others;
  return examineMaps(models, input, explanations, {
    ...{ settings, onProgress, inputs },
    ...(like && { like }),
    ...(runs && { runs }),
    ...(batch && { batch }),
  });
}

/**
 * Moves the maps into separate buffers, which are transferred and not copied.
 *
 * @param buffers the new buffers are added.
 */
function takeBuffers(result: ImageExplanation, buffers: Set<ArrayBuffer>): ImageExplanation {
  const own = ({ shape, data: values }: NdArray): NdArray => {
    const isWhole = values.byteLength === values.buffer.byteLength;
    // Several explanations may share one map, but a buffer can be transferred only once; then the map is
    // copied.
    const alone = isWhole && !buffers.has(values.buffer as ArrayBuffer) ? values : values.slice();
    buffers.add(alone.buffer as ArrayBuffer);
    return { shape, data: alone };
  };
  const explanations = result.explanations.map((one) => ({
    ...one,
    raw: own(one.raw),
    ...(one.like && { like: { ...one.like, raw: own(one.like.raw) } }),
  }));
  return { ...result, explanations };
}

function packError(error: unknown): SentError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const kind = isGradcamError(error) ? error.kind : null;
  return { message, stack, kind, exitCode: classifyRunError(error) };
}
