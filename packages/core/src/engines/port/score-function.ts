import { GradcamError } from '../../base/errors.ts';
import { toProbabilities, type ScoreRule } from './probabilities.ts';

/** What a model says of one image, as a {@link ScoreFunction} sees it. */
export interface ModelOutputs {
  /**
   * One for each class, before softmax or sigmoid; of an output with rows and columns row by row, in each
   * row place by place, at each place class by class.
   */
  readonly logits: Float64Array;
  /** Their softmax (at each place), or of a model that ends in a sigmoid the sigmoid of each. */
  readonly probabilities: Float64Array;
}

/**
 * A scalar of a model's output, for explanations of anything else than a class: the entropy of the
 * prediction, the sum over a group of classes, a margin.
 */
export interface ScoreFunction {
  /** How explanations and errors call it. */
  readonly name: string;
  /** A finite number for finite logits. */
  readonly score: (outputs: ModelOutputs) => number;
  /**
   * Its derivative with respect to each logit. Where it is not given, central differences of `score`
   * stand for it, good to about 1e-9 of a smooth score: two scores for each class and run, which is
   * felt from some thousand classes on.
   */
  readonly gradient?: (outputs: ModelOutputs) => ArrayLike<number>;
}

/**
 * Step of the differences, relative to the logit where that is above 1: the cube root of what float64
 * resolves, at which the errors of rounding and of curvature are about equal.
 */
const STEP = 6e-6;

export function readOutputs(logits: ArrayLike<number>, rule: ScoreRule): ModelOutputs {
  const own = Float64Array.from(logits);
  return { logits: own, probabilities: toProbabilities(own, rule) };
}

/**
 * The function's value.
 *
 * @throws GradcamError `argument` naming the function where the value is not finite.
 */
export function evaluateFunction({ name, score }: ScoreFunction, outputs: ModelOutputs): number {
  const value = score(outputs);
  if (Number.isFinite(value)) return value;
  throw new GradcamError('argument', `target ${name}: its score is ${value}, not a finite number`);
}

/**
 * The function's value and its derivative with respect to the logits.
 *
 * @param rule by which `outputs.probabilities` follow from the logits.
 * @throws GradcamError `argument` for a value or a derivative that is not finite, or a derivative with
 *   another number of entries than there are logits.
 */
export function differentiateFunction(
  scalar: ScoreFunction,
  outputs: ModelOutputs,
  rule: ScoreRule,
): { score: number; gradient: Float32Array } {
  const score = evaluateFunction(scalar, outputs);
  const found = scalar.gradient?.(outputs) ?? differences(scalar, outputs, rule);
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

function differences(
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
