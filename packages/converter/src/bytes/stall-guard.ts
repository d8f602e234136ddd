/**
 * Milliseconds without a byte after which a server is given up: three times what a busy server needs to
 * respond.
 */
export const STALL_MS = 30_000;

/** Ends a transfer in which no bytes arrive. */
export interface StallGuard {
  /** The signal for `fetch`. It aborts after too long a time without a beat, or when the caller aborts. */
  readonly signal: AbortSignal;
  /** Reports that bytes have arrived. The time starts again from zero. */
  beat(): void;
  end(): void;
}

/**
 * Creates a guard that aborts after `stallMs` milliseconds without a beat, or when the caller aborts. Call
 * `end` after the transfer.
 */
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

/** Says in a few words why a transfer ended. */
export function describeNetworkError(error: unknown, guard: StallGuard, stallMs: number): string {
  if (guard.signal.aborted) return `no data for ${stallMs / 1000} s`;
  if (!(error instanceof Error)) return String(error);
  // undici's message is only "fetch failed" or "terminated". The reason is in the cause.
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
