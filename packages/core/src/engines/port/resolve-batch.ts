import { batchItem, type NdArray } from '../../base/nd-array.ts';
import type { PassSeed } from './engine.ts';
import type { ScoreRule } from './probabilities.ts';
import { resolveSeed, type ResolvedSeed, type Seed } from './seed.ts';

/**
 * The seed resolved on each item of a batch.
 *
 * @param seed one for all items, or one for each.
 * @param logits [batch, classes]
 */
export function resolveBatch(
  seed: Seed | readonly Seed[],
  logits: NdArray,
  rule: ScoreRule,
): ResolvedSeed[] {
  return Array.from({ length: logits.shape[0]! }, (_, item) =>
    resolveSeed(seedOfItem(seed, item), batchItem(logits, item).data, rule),
  );
}

/** The seed of one item of a batch. */
export function seedOfItem(seed: Seed | readonly Seed[], item: number): Seed {
  return isListOfSeeds(seed) ? seed[item]! : seed;
}

/** Whether each item of the batch has a seed of its own. */
export function isListOfSeeds(seed: PassSeed): seed is readonly Seed[] {
  return Array.isArray(seed);
}

/** The gradients of {@link resolveBatch} one after the other: a seed in numbers, [batch, classes]. */
export function joinGradients(resolved: readonly ResolvedSeed[]): Float32Array {
  const classes = resolved[0]?.gradient.length ?? 0;
  const joined = new Float32Array(resolved.length * classes);
  resolved.forEach(({ gradient }, item) => joined.set(gradient, item * classes));
  return joined;
}
