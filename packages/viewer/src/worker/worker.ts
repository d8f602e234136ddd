import { isGradcamError } from '@gradcam/core';
import type { Order, Report } from './protocol.ts';
import { createSession, type Answers, type CallContext } from './session.ts';

/** The global object of a dedicated worker. The types of the page describe a window's. */
const scope = self as unknown as {
  postMessage(report: Report, transfer?: readonly Transferable[]): void;
  addEventListener(type: 'message', listen: (event: MessageEvent<Order>) => void): void;
};

const answers = createSession();
/** Calls that have not been answered yet. */
const waiting = new Map<number, AbortController>();
let last: Promise<void> = Promise.resolve();

scope.addEventListener('message', ({ data: order }) => {
  if (order.kind === 'cancel') {
    waiting.get(order.id)?.abort();
    return;
  }
  waiting.set(order.id, new AbortController());
  // Calls run one after the other: engines compute on this thread, and there is one model and one image.
  last = last.then(() => answer(order));
});

async function answer({ id, name, ask }: Extract<Order, { kind: 'call' }>): Promise<void> {
  const { signal } = waiting.get(id)!;
  try {
    signal.throwIfAborted();
    const context: CallContext = {
      signal,
      onProgress: (progress) => scope.postMessage({ id, kind: 'progress', progress }),
    };
    const call = answers[name] as Answers['explain'];
    const found: unknown = await call(ask as never, context);
    scope.postMessage({ id, kind: 'done', answer: found });
  } catch (error) {
    scope.postMessage({ id, ...describeEnd(error, signal) });
  } finally {
    waiting.delete(id);
  }
}

function describeEnd(error: unknown, signal: AbortSignal) {
  if (signal.aborted) return { kind: 'cancelled' } as const;
  const message = error instanceof Error ? error.message : String(error);
  const errorKind = isGradcamError(error) ? error.kind : undefined;
  return { kind: 'failed', message, errorKind } as const;
}
