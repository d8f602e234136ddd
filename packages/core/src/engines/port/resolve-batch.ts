import { batchItem, type NdArray } from '../../base/nd-array.ts';
import type { ScoreRule } from './probabilities.ts';
import { resolveSeed, type ResolvedSeed, type Seed } from './seed.ts';

/**
 * The seed resolved on each item of a batch.
 *
 * @param logits [batch, classes]
 */
export function resolveBatch(seed: Seed, logits: NdArray, rule: ScoreRule): ResolvedSeed[] {
  return Array.from({ length: logits.shape[0]! }, (_, item) =>
    resolveSeed(seed, batchItem(logits, item).data, rule),
  );
}

/** The gradients of {@link resolveBatch} one after the other: a seed in numbers, [batch, classes]. */
export function joinGradients(resolved: readonly ResolvedSeed[]): Float32Array {
  const classes = resolved[0]?.gradient.length ?? 0;
  const joined = new Float32Array(resolved.length * classes);
  resolved.forEach(({ gradient }, item) => joined.set(gradient, item * classes));
  return joined;
}
