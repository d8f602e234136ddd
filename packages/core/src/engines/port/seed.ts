import { GradcamError } from '../../base/errors.ts';
import { argMax } from '../../base/nd-array.ts';
import { classesPerPlace, isTwoSided, sigmoid, softmax, type ScoreRule } from './probabilities.ts';
import {
  differentiateFunction,
  evaluateFunction,
  readOutputs,
  type ScoreFunction,
} from './score-function.ts';

/**
 * The class whose score is differentiated. It is chosen inside the pass, so that `rank` needs no additional
 * forward pass.
 */
export type SeedClass =
  | { readonly class: number }
  /**
   * The class at this place in the ranking of the scores that the pass computes; 0 is the best class. A
   * single sigmoid stands for two classes: its score is that of class 1, the negative score is that of
   * class 0, and rank 0 is the likelier of the two.
   */
  | { readonly rank: number }
  /** The counterfactual of the paper (section 3.3): the negative score of a class. */
  | { readonly not: number }
  /** The first class's score minus the second class's: why the first rather than the second. */
  | { readonly contrast: readonly [number, number] }
  /**
   * The sum of the scores of several classes, given once each: of the words of a sentence, where the classes
   * are the words at each place.
   */
  | { readonly sum: readonly number[] }
  /** The sum of all logits, each times its number here. The seed's `score` is ignored. */
  | { readonly direction: Float32Array }
  /** Any scalar of the output. The seed's `score` is ignored. */
  | { readonly scalar: ScoreFunction };

/** A scalar of the model's output, as data. */
export interface Seed {
  readonly score: 'logit' | 'probability' | 'logProbability';
  readonly of: SeedClass;
}

/** A seed evaluated on the logits of one image. */
export interface ResolvedSeed {
  /** The class that the seed is about: the first of several; -1 for a direction or a function. */
  readonly classIndex: number;
  readonly score: number;
  /** Gradient of the score with respect to the logits. */
  readonly gradient: Float32Array;
}

/** Indices of the scores from largest to smallest; equal scores keep their order. */
export function rankScores(scores: ArrayLike<number>): number[] {
  return Array.from(scores, (_, index) => index).sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/**
 * Evaluates a seed on one image's logits.
 *
 * @throws GradcamError `argument` for a class that the model does not have, and for a function whose value or
 *   gradient is not finite.
 */
export function resolveSeed(seed: Seed, logits: ArrayLike<number>, rule: ScoreRule): ResolvedSeed {
  if ('scalar' in seed.of) {
    const outputs = readOutputs(logits, rule);
    return { classIndex: -1, ...differentiateFunction(seed.of.scalar, outputs, rule) };
  }
  if ('direction' in seed.of) {
    const { direction } = seed.of;
    return { classIndex: -1, score: sumProducts(direction, logits), gradient: direction };
  }
  const terms = listTerms(seed.of, logits, rule);
  const gradient = new Float32Array(logits.length);
  let score = 0;
  for (const { index, sign } of terms) {
    if (!Number.isInteger(index) || index < 0 || index >= logits.length) {
      throw new GradcamError(
        'argument',
        `class ${index} is not in 0..${logits.length - 1}, the classes of the model`,
      );
    }
    const part = differentiateScore(seed.score, index, logits, rule);
    score += sign * part.score;
    for (let i = 0; i < gradient.length; i++) gradient[i]! += sign * part.gradient[i]!;
  }
  return { classIndex: terms[0]?.index ?? -1, score, gradient };
}

function sumProducts(direction: Float32Array, logits: ArrayLike<number>): number {
  if (direction.length !== logits.length) {
    throw new GradcamError(
      'argument',
      `direction: expected ${logits.length} numbers, one for each logit, got ${direction.length}`,
    );
  }
  return direction.reduce((sum, value, i) => sum + value * logits[i]!, 0);
}

/**
 * Replaces a place of the ranking by the class that held it, so that one map stays about one class: a changed
 * input may rank another class first.
 */
export function fixRank(of: SeedClass, { classIndex, gradient }: ResolvedSeed): SeedClass {
  if (!('rank' in of)) return of;
  return gradient[classIndex]! < 0 ? { not: classIndex } : { class: classIndex };
}

function listTerms(
  of: Exclude<SeedClass, { readonly scalar: ScoreFunction } | { readonly direction: Float32Array }>,
  logits: ArrayLike<number>,
  rule: ScoreRule,
): { index: number; sign: 1 | -1 }[] {
  if ('class' in of) return [{ index: of.class, sign: 1 }];
  if ('sum' in of) return of.sum.map((index) => ({ index, sign: 1 }));
  if ('rank' in of && isTwoSided(rule, logits.length)) {
    const isLikelier = of.rank === 0;
    return [{ index: of.rank > 1 ? -1 : 0, sign: logits[0]! < 0 === isLikelier ? -1 : 1 }];
  }
  if ('rank' in of) {
    // The best class is nearly always wanted, and needs no sorting.
    const index = of.rank === 0 ? argMax(logits) : (rankScores(logits)[of.rank] ?? -1);
    return [{ index, sign: 1 }];
  }
  if ('not' in of) return [{ index: of.not, sign: -1 }];
  return [
    { index: of.contrast[0], sign: 1 },
    { index: of.contrast[1], sign: -1 },
  ];
}

function differentiateScore(
  score: Seed['score'],
  index: number,
  logits: ArrayLike<number>,
  rule: ScoreRule,
): { score: number; gradient: Float64Array } {
  const gradient = new Float64Array(logits.length);
  if (score === 'logit') {
    gradient[index] = 1;
    return { score: logits[index]!, gradient };
  }
  if (rule.activation === 'sigmoid') return differentiateSigmoid(score, index, logits, gradient);
  // The softmax runs over the classes of one place, so all other places have no part in the gradient.
  const size = classesPerPlace(rule, logits.length);
  const first = index - (index % size);
  const place = Float64Array.from({ length: size }, (_, i) => logits[first + i]!);
  const probabilities = softmax(place);
  const own = probabilities[index - first]!;
  const factor = score === 'probability' ? own : 1;
  // For a class that is nearly certain, 1 - own would be rounded to zero.
  let others = 0;
  probabilities.forEach((p, i) => {
    if (first + i === index) return;
    others += p;
    gradient[first + i] = -factor * p;
  });
  gradient[index] = factor * others;
  return { score: score === 'probability' ? own : logSoftmax(place, index - first), gradient };
}

function differentiateSigmoid(
  score: 'probability' | 'logProbability',
  index: number,
  logits: ArrayLike<number>,
  gradient: Float64Array,
): { score: number; gradient: Float64Array } {
  const logit = logits[index]!;
  const own = sigmoid(logit);
  const other = sigmoid(-logit);
  if (score === 'probability') {
    gradient[index] = own * other;
    return { score: own, gradient };
  }
  gradient[index] = other;
  // log(sigmoid(z)) = min(z, 0) - log(1 + exp(-|z|)), which is finite for every logit.
  return { score: Math.min(logit, 0) - Math.log1p(Math.exp(-Math.abs(logit))), gradient };
}

/** Logarithm of a class's probability. It is finite even where the probability itself is rounded to 0. */
function logSoftmax(logits: ArrayLike<number>, index: number): number {
  const largest = logits[Math.max(0, argMax(logits))]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - largest);
  return logits[index]! - largest - Math.log(sum);
}

/** A seed's score alone, without the cost of its gradient. */
export function scoreSeed(seed: Seed, logits: ArrayLike<number>, rule: ScoreRule): number {
  if ('scalar' in seed.of) {
    return evaluateFunction(seed.of.scalar, readOutputs(logits, rule));
  }
  return resolveSeed(seed, logits, rule).score;
}
