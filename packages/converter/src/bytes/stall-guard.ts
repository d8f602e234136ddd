/** A server that sends nothing for so long is given up: three times what a busy one takes to answer. */
export const STALL_MS = 30_000;

/** Ends a transfer in which nothing comes. */
export interface StallGuard {
  /** For `fetch`: aborts when there was no beat for so long, or when the caller aborts. */
  readonly signal: AbortSignal;
  /** Something came: counting begins anew. */
  beat(): void;
  end(): void;
}

/** Aborts when there is no beat for `stallMs`, or when the caller aborts; call `end` in the end. */
export function createStallGuard(stallMs: number, signal: AbortSignal | undefined): StallGuard {
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), stallMs);
  const stop = () => controller.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) controller.abort();
  return {
    signal: controller.signal,
    beat() {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), stallMs);
    },
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    },
  };
}

/** Why a transfer ended, in a few words. */
export function describeNetworkError(error: unknown, guard: StallGuard, stallMs: number): string {
  if (guard.signal.aborted) return `no data for ${stallMs / 1000} s`;
  if (!(error instanceof Error)) return String(error);
  // undici says only "fetch failed" or "terminated"; the reason is in the cause.
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
