import type { WeightFile } from '../tensors/stored-tensor.ts';
import { leaveOut } from './rename-weights.ts';

/** Names of modules that wrap a net, which begin the names of all its weights. */
const WRAPPERS = [
  ...['module.', 'model.', 'backbone.', 'net.', 'network.', '_orig_mod.', 'encoder.', '0.'],
] as const;

/** A file without the names of wrapping modules, and what was left out. */
export interface StrippedFile {
  readonly file: WeightFile;
  /** The prefixes that were left out, from the outermost on. */
  readonly prefixes: readonly string[];
}

/**
 * Leaves out the prefixes `module.` (DataParallel), `model.` (Lightning), `backbone.` and the like, which
 * most weights share.
 */
export function stripPrefixes(file: WeightFile): StrippedFile {
  const prefixes: string[] = [];
  let current = file;
  while (prefixes.length <= WRAPPERS.length) {
    const names = current.tensors.map(({ name }) => name);
    const prefix = WRAPPERS.find(
      (one) => names.filter((name) => name.startsWith(one)).length > names.length / 2,
    );
    const next = prefix === undefined ? null : leaveOut(current, prefix);
    if (prefix === undefined || next === null) break;
    current = next;
    prefixes.push(prefix);
  }
  return { file: current, prefixes };
}
