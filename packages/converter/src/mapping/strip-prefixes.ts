import type { WeightFile } from '../tensors/stored-tensor.ts';

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
 * most weights share. A weight that lacks the prefix, such as a new head beside a backbone, keeps its name.
 */
export function stripPrefixes(file: WeightFile): StrippedFile {
  const prefixes: string[] = [];
  let { tensors } = file;
  for (;;) {
    const prefix = WRAPPERS.find(
      (one) => tensors.filter(({ name }) => name.startsWith(one)).length > tensors.length / 2,
    );
    if (prefix === undefined || prefixes.length > WRAPPERS.length) break;
    const renamed = tensors.map((tensor) =>
      tensor.name.startsWith(prefix)
        ? { ...tensor, name: tensor.name.slice(prefix.length) }
        : tensor,
    );
    // Two weights must not get the same name.
    if (new Set(renamed.map(({ name }) => name)).size < renamed.length) break;
    tensors = renamed;
    prefixes.push(prefix);
  }
  return { file: { ...file, tensors }, prefixes };
}
