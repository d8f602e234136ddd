import { GradcamError, type PreparedInput } from '@gradcam/core';
import { CommandError } from '../exit-codes.ts';
import type { Explainer, RunProgress } from '@gradcam/runs';
import type { Terminal } from '../terminal/messages.ts';
import type { ModelThreadData, Order, Report, SentError } from './messages.ts';
import type { SpawnedThread } from './spawn-thread.ts';

/** A model that runs in a separate thread. */
export interface ModelThread extends Explainer {
  /** Resolves to the engine's name when the model is loaded. */
  readonly ready: Promise<string>;
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
  readonly resolve: (result: Extract<Report, { kind: 'explained' | 'embedded' }>) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: RunProgress;
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
  let settleReady: { resolve: (engine: string) => void; reject: (error: Error) => void };
  const ready = new Promise<string>((resolve, reject) => (settleReady = { resolve, reject }));
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
        return settleReady.resolve(report.engine);
      case 'failed':
        return fail(unpackError(report.error));
      case 'progress':
        return pending.get(report.id)?.onProgress(report.done, report.total);
    }
    const { resolve, reject } = pending.get(report.id)!;
    pending.delete(report.id);
    if (report.kind === 'explained' || report.kind === 'embedded') resolve(report);
    else if (report.kind === 'refused') reject(unpackError(report.error));
    else reject(new DOMException('cancelled', 'AbortError'));
  });
  const send = (order: Order, transfer: ArrayBuffer[] = []): void =>
    worker.postMessage(order, transfer);
  send({ kind: 'open', data });
  let nextId = 0;
  const ask = (
    makeOrder: (id: number) => Extract<Order, { kind: 'explain' | 'embed' }>,
    onProgress: RunProgress,
    signal?: AbortSignal,
  ): Promise<Extract<Report, { kind: 'explained' | 'embedded' }>> => {
    const id = nextId++;
    const cancel = (): void => {
      if (pending.has(id)) send({ kind: 'cancel', id });
    };
    return new Promise<Extract<Report, { kind: 'explained' | 'embedded' }>>((resolve, reject) => {
      if (ended) throw new Error("the model's thread has ended");
      pending.set(id, { resolve, reject, onProgress });
      const order = makeOrder(id);
      send(order, [order.input.values.data.buffer as ArrayBuffer]);
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted) cancel();
    }).finally(() => signal?.removeEventListener('abort', cancel));
  };
  return {
    ready,
    async explain(input, options, onProgress) {
      const { methods, targets, layers, like, runs, batch, evidence, signal } = options;
      const asked = Object.entries({ methods, targets, layers, like, runs, batch });
      const given = Object.fromEntries(asked.filter(([, value]) => value !== undefined));
      const report = await ask(
        (id) => ({ kind: 'explain', id, input, options: given, ...(evidence && { evidence }) }),
        onProgress,
        signal,
      );
      if (report.kind !== 'explained')
        throw new Error("the model's thread sent another kind of answer than asked for");
      return report.result;
    },
    async embed(input) {
      const report = await ask(
        (id) => ({ kind: 'embed', id, input }),
        () => {},
      );
      if (report.kind !== 'embedded')
        throw new Error("the model's thread sent another kind of answer than asked for");
      return report.embedding;
    },
    drop: () => send({ kind: 'drop' }),
    async close() {
      if (!ended) send({ kind: 'close' });
      await exited;
    },
  };
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
