import type { FastifyReply } from 'fastify';
import { RequestError } from '../request-error.ts';

/** Ends the work on a request when its time is over or its client has left. */
export interface RequestWatch {
  readonly signal: AbortSignal;
  /**
   * Waits for the work, or until the signal is aborted.
   *
   * @throws what the work throws, and the signal's reason.
   */
  race<T>(work: Promise<T>): Promise<T>;
}

/** @param timeoutMs from now to the answer. */
export function watchRequest(reply: FastifyReply, timeoutMs: number): RequestWatch {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => {
    const message = `the request took longer than ${timeoutMs / 1000} s, the limit of this service`;
    controller.abort(new RequestError('timeout', message));
  }, timeoutMs);
  const onClose = (): void => {
    clearTimeout(timer);
    // The answer was sent, or its reader has gone.
    if (!reply.raw.writableFinished) {
      controller.abort(new DOMException('the client has left', 'AbortError'));
    }
  };
  reply.raw.once('close', onClose);
  return {
    signal,
    async race(work) {
      let abort = (): void => {};
      const aborted = new Promise<never>((_, reject) => {
        abort = () => reject(signal.reason as Error);
        signal.addEventListener('abort', abort, { once: true });
        if (signal.aborted) abort();
      });
      try {
        return await Promise.race([work, aborted]);
      } finally {
        signal.removeEventListener('abort', abort);
        clearTimeout(timer);
      }
    },
  };
}
