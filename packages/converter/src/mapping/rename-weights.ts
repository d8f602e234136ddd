import type { WeightFile } from '../tensors/stored-tensor.ts';

/** The same file with other names of its weights; null if two weights would get the same name. */
export function renameWeights(
  file: WeightFile,
  rename: (name: string) => string,
): WeightFile | null {
  const tensors = file.tensors.map((tensor) => ({ ...tensor, name: rename(tensor.name) }));
  const isUnique = new Set(tensors.map(({ name }) => name)).size === tensors.length;
  return isUnique ? { ...file, tensors } : null;
}

/**
 * Leaves out what most names begin with. A weight that lacks the prefix, such as a new head beside a
 * backbone, keeps its name. Null if two weights would get the same name.
 */
export function leaveOut(file: WeightFile, prefix: string): WeightFile | null {
  return renameWeights(file, (name) =>
    name.startsWith(prefix) ? name.slice(prefix.length) : name,
  );
}
