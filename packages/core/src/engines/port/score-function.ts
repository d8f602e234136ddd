import { GradcamError } from '../../base/errors.ts';
import { toProbabilities, type ScoreRule } from './probabilities.ts';

/** A model's output for one image, as a {@link ScoreFunction} sees it. */
export interface ModelOutputs {
  /**
   * One number for each class, before softmax or sigmoid. An output with rows and columns is listed row by
   * row, then column by column, then class by class.
   */
  readonly logits: Float64Array;
  /** The softmax of the logits (at each place), or the sigmoid of each for a model that ends in a sigmoid. */
  readonly probabilities: Float64Array;
}

/**
 * A scalar of a model's output, to explain something other than a class: the entropy of the prediction, the
 * sum over a group of classes, a margin.
 */
export interface ScoreFunction {
  /** The name that explanations and errors show. */
  readonly name: string;
  /** Has to return a finite number for finite logits. */
  readonly score: (outputs: ModelOutputs) => number;
  /**
   * The derivative of `score` with respect to each logit. Without it, central differences of `score` are
   * used. They are good to about 1e-9 of a smooth score, and call `score` twice for each class, which
   * becomes slow with some thousand classes.
   */
  readonly gradient?: (outputs: ModelOutputs) => ArrayLike<number>;
}

/**
 * Step of the central differences, relative to logits above 1 and absolute below: the cube root of float64's
 * resolution, where the errors of rounding and of curvature are about equal.
 */
const STEP = 6e-6;

/** The outputs that belong to one image's logits. */

export function readOutputs(logits: ArrayLike<number>, rule: ScoreRule): ModelOutputs {
  const own = Float64Array.from(logits);
  return { logits: own, probabilities: toProbabilities(own, rule) };
}

/**
 * The function's value.
 *
 * @throws GradcamError `argument` that names the function, for a value that is not finite.
 */
export function evaluateFunction({ name, score }: ScoreFunction, outputs: ModelOutputs): number {
  const value = score(outputs);
  if (Number.isFinite(value)) return value;
  throw new GradcamError('argument', `target ${name}: its score is ${value}, not a finite number`);
}

/**
 * The function's value and its derivative with respect to the logits.
 *
 * @param rule how `outputs.probabilities` were computed from the logits.
 * @throws GradcamError `argument` for a value or a derivative that is not finite, and for a derivative that
 *   does not have one entry for each logit.
 */
export function differentiateFunction(
  scalar: ScoreFunction,
  outputs: ModelOutputs,
  rule: ScoreRule,
): { score: number; gradient: Float32Array } {
  const score = evaluateFunction(scalar, outputs);
  const found = scalar.gradient?.(outputs) ?? centralDifferences(scalar, outputs, rule);
  const { length } = outputs.logits;
  const gradient = Float32Array.from(found);
  const broken = gradient.findIndex((value) => !Number.isFinite(value));
  if (gradient.length === length && broken < 0) return { score, gradient };
  const what = broken < 0 ? `${gradient.length} numbers` : `${gradient[broken]} at ${broken}`;
  throw new GradcamError(
    'argument',
    `target ${scalar.name}: expected a gradient of ${length} finite numbers, one for each logit, got ${what}`,
  );
}

function centralDifferences(
  scalar: ScoreFunction,
  { logits }: ModelOutputs,
  rule: ScoreRule,
): Float64Array {
  return logits.map((logit, i) => {
    const step = STEP * Math.max(1, Math.abs(logit));
    const at = (value: number): number => {
      const moved = logits.slice();
      moved[i] = value;
      return evaluateFunction(scalar, readOutputs(moved, rule));
    };
    return (at(logit + step) - at(logit - step)) / (2 * step);
  });
}
