import type { PreparedInput } from '@gradcam/core';
import type { ExplainedImage, Explainer, ExplainerOptions } from '@gradcam/runs';
import { explainTogether } from './explain-together.ts';

/** Joins requests for one model into runs of its engine. */
export interface Batcher {
  /**
   * Explains a prepared image in one run with others that wait for the same settings.
   *
   * @param signal takes the request out of its run. A run that nobody waits for any more is cancelled.
   * @throws what the explainer throws, and the signal's reason when aborted.
   */
  explain(
    input: PreparedInput,
    options: ExplainerOptions,
    signal: AbortSignal,
  ): Promise<ExplainedImage>;
}

/** How requests are joined, and who is told. */
export interface BatchSettings {
  /** The most inputs in one run. */
  readonly most: number;
  /** Milliseconds that the first request of a run waits for others while the engine has nothing to do. */
  readonly windowMs: number;
  /**
   * Called at the end of each run.
   *
   * @param queuedMs how long each of its requests had waited.
   */
  readonly onRun: (run: { readonly ms: number; readonly queuedMs: readonly number[] }) => void;
}

/** A request that waits for its run, or is in it. */
interface Item {
  readonly input: PreparedInput;
  readonly since: number;
  readonly signal: AbortSignal;
  readonly resolve: (result: ExplainedImage) => void;
  readonly reject: (reason: unknown) => void;
}

/** Requests with equal settings, the oldest first. */
interface Group {
  readonly options: ExplainerOptions;
  readonly items: Item[];
  /** Whether the window of its first request is over. */
  isDue: boolean;
}

/**
 * One run is in the engine and a second one may wait there, so that the engine has work while this thread
 * handles the answers.
 */
const RUNS_AT_ONCE = 2;

/**
 * Creates the batcher of one model. A run starts when it is full, or when its first request has waited for
 * the window and the engine is free: while the engine works, requests gather whatever the window is.
 */
export function createBatcher(explainer: Explainer, settings: BatchSettings): Batcher {
  const { most, windowMs, onRun } = settings;
  const groups = new Map<string, Group>();
  let running = 0;

  const pump = (): void => {
    while (running < RUNS_AT_ONCE) {
      const ready = [...groups].find(
        ([, { items, isDue }]) => items.length >= most || (isDue && running === 0),
      );
      if (ready === undefined) return;
      const [key, group] = ready;
      const items = group.items.splice(0, most);
      if (group.items.length === 0) groups.delete(key);
      else {
        // The others wait behind the requests of other groups, and their window is over.
        groups.delete(key);
        groups.set(key, { ...group, isDue: true });
      }
      void run(items, group.options);
    }
  };

  const run = async (items: readonly Item[], options: ExplainerOptions): Promise<void> => {
    running += 1;
    const start = performance.now();
    const controller = new AbortController();
    const cancelUnwanted = (): void => {
      if (items.every(({ signal }) => signal.aborted)) controller.abort();
    };
    for (const { signal } of items) signal.addEventListener('abort', cancelUnwanted);
    try {
      const inputs = items.map(({ input }) => input);
      const results = await explainTogether(explainer, inputs, {
        ...options,
        signal: controller.signal,
      });
      const end = performance.now();
      onRun({ ms: end - start, queuedMs: items.map(({ since }) => start - since) });
      items.forEach(({ resolve, reject }, i) => {
        const result = results[i]!;
        if (result.status === 'fulfilled') resolve(result.value);
        else reject(result.reason);
      });
    } catch (error) {
      for (const { reject } of items) reject(error);
    } finally {
      for (const { signal } of items) signal.removeEventListener('abort', cancelUnwanted);
      running -= 1;
      pump();
    }
  };

  const join = (options: ExplainerOptions, item: Item): void => {
    const key = JSON.stringify(options);
    const group = groups.get(key) ?? { options, items: [], isDue: false };
    groups.set(key, group);
    group.items.push(item);
    if (group.items.length === 1) {
      const endWindow = (): void => {
        const now = groups.get(key);
        if (now !== undefined) now.isDue = true;
        pump();
      };
      if (windowMs > 0) setTimeout(endWindow, windowMs);
      else setImmediate(endWindow);
    }
    pump();
  };

  const leave = (options: ExplainerOptions, item: Item): void => {
    const key = JSON.stringify(options);
    const group = groups.get(key);
    const at = group?.items.indexOf(item) ?? -1;
    if (group !== undefined && at >= 0) group.items.splice(at, 1);
    if (group?.items.length === 0) groups.delete(key);
  };

  return {
    async explain(input, options, signal) {
      signal.throwIfAborted();
      let settle = (): void => {};
      try {
        return await new Promise<ExplainedImage>((resolve, reject) => {
          const item: Item = { input, since: performance.now(), signal, resolve, reject };
          const abort = (): void => {
            leave(options, item);
            reject(signal.reason);
          };
          signal.addEventListener('abort', abort, { once: true });
          settle = () => signal.removeEventListener('abort', abort);
          join(options, item);
        });
      } finally {
        settle();
      }
    },
  };
}
