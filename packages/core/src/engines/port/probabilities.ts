import { argMax } from '../../base/nd-array.ts';

/** Softmax of logits. The largest logit is subtracted from all before `exp`, so that nothing overflows. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const largest = logits[Math.max(0, argMax(logits))] ?? 0;
  const exponentials = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

/**
 * Logarithms of the softmax over the scores of one place. They are finite even where a probability is
 * rounded to 0.
 *
 * @param logits the scores of all places, each with `size` of them.
 */
export function logSoftmaxAt(logits: ArrayLike<number>, place: number, size: number): Float64Array {
  const own = Float64Array.from({ length: size }, (_, i) => logits[place * size + i]!);
  const largest = own[Math.max(0, argMax(own))] ?? 0;
  let sum = 0;
  for (const logit of own) sum += Math.exp(logit - largest);
  const total = largest + Math.log(sum);
  return own.map((logit) => logit - total);
}

/** The logistic function. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** How a model turns scores into probabilities. A network's head is such a rule. */
export interface ScoreRule {
  readonly activation: 'softmax' | 'sigmoid' | 'linear';
  /** Shape of the scores without the batch axis. Without a shape, the scores are one list of classes. */
  readonly shape?: readonly number[];
}

/**
 * How many scores one softmax runs over: all scores of a classifier, or the scores of one place in an output
 * with rows and columns.
 */
export function classesPerPlace({ activation, shape = [] }: ScoreRule, scores: number): number {
  if (activation === 'softmax' && shape.length > 0) return shape.at(-1)!;
  const isList = shape.filter((size) => size > 1).length <= 1;
  return isList ? scores : shape.at(-1)!;
}

/** Whether the scores are a single sigmoid: positive means one class, negative means the other. */
export function isTwoSided({ activation }: ScoreRule, scores: number): boolean {
  return activation === 'sigmoid' && scores === 1;
}

/**
 * Probabilities of one image's scores: the sigmoid of each score, or a softmax over the classes of each
 * place. Scores of a linear output get a softmax too.
 */
export function toProbabilities(logits: ArrayLike<number>, rule: ScoreRule): Float64Array {
  if (rule.activation === 'sigmoid') return Float64Array.from(logits, sigmoid);
  const size = classesPerPlace(rule, logits.length);
  if (size === logits.length) return softmax(logits);
  const scores = Float64Array.from(logits);
  const probabilities = new Float64Array(scores.length);
  for (let first = 0; first < scores.length; first += size) {
    probabilities.set(softmax(scores.subarray(first, first + size)), first);
  }
  return probabilities;
}
