import type { CallName, Calls, Order, Progress, Report } from '../worker/protocol.ts';

/** A call that the worker could not complete. The message is one line with the reason. */
export class CallFailure extends Error {}

export interface CallOptions {
  /** An abort takes effect between two passes of the engine. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** The page's side of the worker. */
export interface WorkerClient {
  /**
   * Calls the worker, which works on the calls in order.
   *
   * @throws CallFailure if the worker could not complete the call; the signal's reason if it was aborted.
   */
  call<N extends CallName>(
    name: N,
    ask: Calls[N]['ask'],
    options?: CallOptions,
  ): Promise<Calls[N]['answer']>;
  /** Ends the worker, even in the middle of a call. */
  close(): void;
}

/**
 * How long a cancelled call may continue, in milliseconds, including other calls before it, until its
 * worker is ended.
 */
export const CANCEL_PATIENCE_MS = 10_000;

/**
 * Starts a worker.
 *
 * @param onStuck is called if a cancelled call continues for too long, so that only ending the worker stops
 * it.
 */
export function startWorkerClient(onStuck: () => void): WorkerClient {
  const worker = new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, (report: Report) => void>();
  const send = (order: Order): void => worker.postMessage(order);
  let count = 0;
  let isClosed = false;

  worker.addEventListener('message', ({ data: report }: MessageEvent<Report>) => {
    waiting.get(report.id)?.(report);
  });
  // The error belongs to no call, for example because a script does not load: no call will complete.
  worker.addEventListener('error', (event) => {
    const message = `the worker failed: ${event.message || 'its script does not load'}`;
    for (const [id, tell] of waiting) tell({ id, kind: 'failed', message, errorKind: undefined });
  });

  return {
    async call<N extends CallName>(name: N, ask: Calls[N]['ask'], options: CallOptions = {}) {
      const { signal, onProgress } = options;
      signal?.throwIfAborted();
      const id = (count += 1);
      return new Promise<Calls[N]['answer']>((resolve, reject) => {
        let patience: ReturnType<typeof setTimeout> | undefined;
        const cancel = (): void => {
          reject(signal!.reason);
          // The worker was ended, and its calls with it.
          if (isClosed) return;
          send({ kind: 'cancel', id });
          patience = setTimeout(() => {
            if (!isClosed) onStuck();
          }, CANCEL_PATIENCE_MS);
        };
        signal?.addEventListener('abort', cancel, { once: true });
        waiting.set(id, (report) => {
          if (report.kind === 'progress') {
            if (signal?.aborted !== true) onProgress?.(report.progress);
            return;
          }
          waiting.delete(id);
          clearTimeout(patience);
          signal?.removeEventListener('abort', cancel);
          if (report.kind === 'done') resolve(report.answer as Calls[N]['answer']);
          else reject(new CallFailure(report.kind === 'failed' ? report.message : 'cancelled'));
        });
        send({ kind: 'call', id, name, ask });
      });
    },
    close() {
      isClosed = true;
      worker.terminate();
    },
  };
}
