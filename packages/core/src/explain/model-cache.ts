import type { Model } from '../model/description.ts';

/** Loaded models by their keys, so that a second picture does not load its model again. */
export interface ModelCache {
  /**
   * The model of a key, which `load` loads if it is not kept. A failure is not kept. Models and engines in a
   * key are told apart by their identity, everything else by its contents.
   */
  take(key: readonly unknown[], load: () => Promise<Model>): Promise<Model>;
  /** Frees the weights of all models. */
  dispose(): Promise<void>;
}

/** Makes an empty cache. Calls at the same time for the same key share one load. */
export function createModelCache(): ModelCache {
  const kept = new Map<string, Promise<Model>>();
  const numbers = new WeakMap<object, number>();
  let next = 0;
  const nameOf = (part: unknown): unknown => {
    if (!isLive(part)) return part;
    if (!numbers.has(part)) numbers.set(part, next++);
    return { live: numbers.get(part) };
  };
  return {
    take(parts, load) {
      const key = JSON.stringify(parts.map(nameOf));
      const known = kept.get(key);
      if (known !== undefined) return known;
      const loading = load();
      kept.set(key, loading);
      loading.catch(() => {
        if (kept.get(key) === loading) kept.delete(key);
      });
      return loading;
    },
    async dispose() {
      const models = [...kept.values()];
      kept.clear();
      for (const model of models) (await model.catch(() => null))?.dispose();
    },
  };
}

/** Whether a value has functions, as a model's files, a live model, an IOHandler and an engine have. */
function isLive(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const isPlain = [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
  return !isPlain || Object.values(value).some((member) => typeof member === 'function');
}
