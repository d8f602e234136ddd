import type { Model } from '../model/description.ts';

/** Loaded models by their keys, so that a second picture does not load its model again. */
export interface ModelCache {
  /**
   * The model of a key, which `load` loads if it is not kept. A failure is not kept. In a key, texts, numbers
   * and plain lists and objects of them are compared by their contents; everything else, such as an engine or
   * a `Blob`, by its identity.
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
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map(nameOf);
    if (isPlain(part)) {
      return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, nameOf(value)]));
    }
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

/** Whether an object was written as `{ .. }` and has no functions, as files of a model and engines have. */
function isPlain(value: object): boolean {
  const hasFunction = Object.values(value).some((member) => typeof member === 'function');
  return Object.getPrototypeOf(value) === Object.prototype && !hasFunction;
}
