import { argMax } from '../array/nd-array.ts';

/** Probabilities of logits: computed with the largest taken off, so that nothing overflows. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const largest = logits[Math.max(0, argMax(logits))] ?? 0;
  const exponentials = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

/** The logistic function. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Probabilities of one image's logits by the model's head; logits at the end count as a softmax's. */
export function toProbabilities(
  logits: ArrayLike<number>,
  activation: 'softmax' | 'sigmoid' | 'linear',
): Float64Array {
  return activation === 'sigmoid' ? Float64Array.from(logits, sigmoid) : softmax(logits);
}
