import { GradcamError, type PreparedInput } from '@gradcam/core';
import { CommandError } from '../exit-codes.ts';
import type { Explainer, ExplainerOptions } from '@gradcam/runs';
import { dropUndefined } from '../flags/drop-undefined.ts';
import type { Terminal } from '../terminal/messages.ts';
import type { AskedOptions, ModelThreadData, Order, Report, SentError } from './messages.ts';
import type { SpawnedThread } from './spawn-thread.ts';

/** What a thread says of the model that it has loaded. */
export type ReadyModel = Omit<Extract<Report, { kind: 'ready' }>, 'kind'>;

/** The reports that answer a request. */
type Answer = Extract<Report, { kind: 'explained' | 'explained-together' | 'embedded' }>;

/** The orders that ask for an answer. */
type Question = Extract<Order, { kind: 'explain' | 'explain-together' | 'embed' }>;

/** A model that runs in a separate thread. */
export interface ModelThread extends Required<Explainer> {
  /** Resolves when the model is loaded. */
  readonly ready: Promise<ReadyModel>;
  /**
   * Computes the embedding of a prepared image. The request waits in the same queue as explanations.
   *
   * @throws as `explain`.
   */
  embed(input: PreparedInput): Promise<Float32Array>;
  /** Frees the model and ends the thread. */
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: (image: number, done: number, total: number) => void;
}

/** Starts to load the model at once. `ready` resolves when it is loaded and rejects if that fails. */
export function startModelThread(
  data: ModelThreadData,
  terminal: Terminal,
  { worker, failed, exited }: SpawnedThread,
): ModelThread {
  worker.ref();
  const pending = new Map<number, Pending>();
  let ended = false;
  let settleReady: { resolve: (model: ReadyModel) => void; reject: (error: Error) => void };
  const ready = new Promise<ReadyModel>((resolve, reject) => (settleReady = { resolve, reject }));
  // A failure is reported to the code that awaits this promise. It may not be awaited yet, so an unhandled
  // rejection is prevented here.
  ready.catch(() => {});
  const fail = (error: Error): void => {
    settleReady.reject(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  void failed.catch(fail);
  void exited.then(() => {
    ended = true;
    fail(new Error("the model's thread has ended"));
  });
  worker.on('message', (report: Report) => {
    switch (report.kind) {
      case 'note':
        return terminal.note(report.text);
      case 'debug':
        return terminal.debug(report.text);
      case 'ready':
        return settleReady.resolve(report);
      case 'failed':
        return fail(unpackError(report.error));
      case 'progress':
        return pending.get(report.id)?.onProgress(report.image, report.done, report.total);
    }
    const { resolve, reject } = pending.get(report.id)!;
    pending.delete(report.id);
    if (report.kind === 'refused') reject(unpackError(report.error));
    else if (report.kind !== 'dropped') resolve(report);
    else reject(new DOMException('cancelled', 'AbortError'));
  });
  const send = (order: Order, transfer: ArrayBuffer[] = []): void =>
    worker.postMessage(order, transfer);
  send({ kind: 'open', data });
  let nextId = 0;
  const ask = async <K extends Answer['kind']>(
    kind: K,
    makeOrder: (id: number) => Question,
    onProgress: Pending['onProgress'] = () => {},
    signal?: AbortSignal,
  ): Promise<Extract<Answer, { kind: K }>> => {
    const id = nextId++;
    const cancel = (): void => {
      if (pending.has(id)) send({ kind: 'cancel', id });
    };
    const answer = await new Promise<Answer>((resolve, reject) => {
      if (ended) throw new Error("the model's thread has ended");
      pending.set(id, { resolve, reject, onProgress });
      const order = makeOrder(id);
      const inputs = 'inputs' in order ? order.inputs : [order.input];
      send(
        order,
        inputs.map(({ values }) => values.data.buffer as ArrayBuffer),
      );
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted) cancel();
    }).finally(() => signal?.removeEventListener('abort', cancel));
    if (answer.kind !== kind) {
      throw new Error("the model's thread sent another kind of answer than asked for");
    }
    return answer as Extract<Answer, { kind: K }>;
  };
  return {
    ready,
    async explain(input, { evidence, ...options }, onProgress) {
      const examined = evidence && { evidence };
      const { result } = await ask(
        'explained',
        (id) => ({ kind: 'explain', id, input, options: pickAsked(options), ...examined }),
        (_, done, total) => onProgress(done, total),
        options.signal,
      );
      return result;
    },
    async explainTogether(inputs, { questions, ...options }, onProgress) {
      const asked = dropUndefined({ ...pickAsked(options), questions });
      const { results } = await ask(
        'explained-together',
        (id) => ({ kind: 'explain-together', id, inputs, options: asked }),
        onProgress,
        options.signal,
      );
      return results.map((result) =>
        'error' in result
          ? { status: 'rejected', reason: unpackError(result.error) }
          : { status: 'fulfilled', value: result },
      );
    },
    async embed(input) {
      const { embedding } = await ask('embedded', (id) => ({ kind: 'embed', id, input }));
      return embedding;
    },
    drop: () => send({ kind: 'drop' }),
    async close() {
      if (!ended) send({ kind: 'close' });
      await exited;
    },
  };
}

/** The options that are sent. Functions and signals cannot be. */
function pickAsked({
  methods,
  targets,
  layers,
  like,
  runs,
  batch,
  question,
  caption,
  ownCaption,
}: ExplainerOptions): AskedOptions {
  const text = { question, caption, ownCaption };
  return dropUndefined({ methods, targets, layers, like, runs, batch, ...text });
}

/** Restores an error, with the stack that it had in the thread. */
function unpackError(sent: SentError): Error {
  const { stack } = sent;
  const error = makeError(sent);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function makeError({ message, kind, exitCode }: SentError): Error {
  if (kind !== null) return new GradcamError(kind, message);
  return exitCode === null ? new Error(message) : new CommandError(exitCode, message);
}
