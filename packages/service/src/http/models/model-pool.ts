import type { ModelSource, OpenedModel } from './model-source.ts';

/** A model that is in use until it is released. */
export interface Lease<T> {
  readonly model: T;
  release(): void;
  /** Takes the model out of the pool, because it no longer works. The next request opens it again. */
  discard(): void;
}

/** Models in memory: a few at a time, the least recently used of which makes room for another. */
export interface ModelPool<T> {
  /**
   * Waits until the model is open. A model that somebody uses is never closed. Requests are served in order,
   * so that a model in constant use cannot keep others out.
   *
   * @throws what opening the model throws, and the signal's reason when aborted.
   */
  acquire(id: string, signal: AbortSignal): Promise<Lease<T>>;
  isOpen(id: string): boolean;
  /** Closes every model. Nobody may use one. */
  close(): Promise<void>;
}

/** What a pool calls while it works. */
export interface PoolEvents<T> {
  /** Makes what users of an opened model get. */
  readonly wrap: (model: OpenedModel) => T;
  readonly onOpen: (model: OpenedModel) => void;
  readonly onClose: (model: OpenedModel) => void;
}

interface Entry<T> {
  readonly opened: OpenedModel;
  readonly model: T;
  users: number;
  lastUse: number;
}

interface Waiting<T> {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly resolve: (lease: Lease<T>) => void;
  readonly reject: (reason: unknown) => void;
}

/** @param keep the most models that are open at the same time. */
export function createModelPool<T>(
  source: Pick<ModelSource, 'open'>,
  keep: number,
  { wrap, onOpen, onClose }: PoolEvents<T>,
): ModelPool<T> {
  const entries = new Map<string, Entry<T>>();
  const waiting: Waiting<T>[] = [];
  let clock = 0;
  let pumping = Promise.resolve();
  let [isPumping, isAsked] = [false, false];

  const end = async ({ opened }: Entry<T>): Promise<void> => {
    await opened.close();
    onClose(opened);
  };

  const lease = (entry: Entry<T>): Lease<T> => {
    entry.users += 1;
    entry.lastUse = ++clock;
    let isHeld = true;
    return {
      model: entry.model,
      release() {
        if (!isHeld) return;
        isHeld = false;
        entry.users -= 1;
        if (entry.users === 0 && entries.get(entry.opened.id) !== entry) void end(entry);
        pump();
      },
      discard() {
        if (entries.get(entry.opened.id) === entry) entries.delete(entry.opened.id);
      },
    };
  };

  /** Makes room for one more model; false if all models are in use. */
  const makeRoom = async (): Promise<boolean> => {
    if (entries.size < keep) return true;
    const idle = [...entries].filter(([, { users }]) => users === 0);
    const oldest = idle.sort(([, a], [, b]) => a.lastUse - b.lastUse)[0];
    if (oldest === undefined) return false;
    entries.delete(oldest[0]);
    await end(oldest[1]);
    return true;
  };

  const serveWaiting = async (): Promise<void> => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (first.signal.aborted) {
        waiting.shift();
        first.reject(first.signal.reason);
        continue;
      }
      const known = entries.get(first.id);
      if (known === undefined && !(await makeRoom())) return;
      waiting.shift();
      try {
        const entry = known ?? (await open(first.id));
        first.resolve(lease(entry));
      } catch (error) {
        first.reject(error);
      }
    }
  };

  const open = async (id: string): Promise<Entry<T>> => {
    const opened = await source.open(id);
    const entry: Entry<T> = { opened, model: wrap(opened), users: 0, lastUse: 0 };
    entries.set(id, entry);
    onOpen(opened);
    return entry;
  };

  /** Serves those who wait. A call while that is going on makes it look once more. */
  function pump(): void {
    isAsked = true;
    if (isPumping) return;
    isPumping = true;
    pumping = (async () => {
      while (isAsked) {
        isAsked = false;
        await serveWaiting();
      }
      isPumping = false;
    })();
  }

  return {
    async acquire(id, signal) {
      signal.throwIfAborted();
      const entry = entries.get(id);
      if (entry !== undefined && waiting.length === 0) return lease(entry);
      return new Promise((resolve, reject) => {
        const one: Waiting<T> = { id, signal, resolve, reject };
        waiting.push(one);
        signal.addEventListener(
          'abort',
          () => {
            const at = waiting.indexOf(one);
            if (at < 0) return;
            waiting.splice(at, 1);
            reject(signal.reason);
          },
          { once: true },
        );
        pump();
      });
    },
    isOpen: (id) => entries.has(id),
    async close() {
      await pumping;
      const all = [...entries.values()];
      entries.clear();
      await Promise.all(all.map(({ opened }) => opened.close()));
    },
  };
}
