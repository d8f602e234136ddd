import { classesPerPlace, isTwoSided } from '../port/probabilities.ts';
import type { Head } from '../../network/network.ts';
import type { GraphWriter } from './graph-writer.ts';
import { createExpressions } from './lower/expressions.ts';
import { elementType } from './proto/onnx-model.ts';

/**
 * Writes the gradient of every row's score with respect to the logits, [rows, classes].
 *
 * @param logits [rows, classes]
 * @param chosen the rows' classes, from {@link writeClasses}; null for a single sigmoid.
 */
export function writeSeeds(
  writer: GraphWriter,
  logits: string,
  chosen: ChosenClasses | null,
  head: Head,
): string {
  const direction =
    chosen === null ? writeSide(writer, logits) : writeDirection(writer, chosen, head);
  return writer.either(
    'seed:plain',
    () => direction,
    () => mixScores(writer, direction, logits, head),
  );
}

/** Adds up the gradients of the logit, the probability and its logarithm, as each row's mix says. */
function mixScores(writer: GraphWriter, direction: string, logits: string, head: Head): string {
  const isSigmoid = head.activation === 'sigmoid';
  // A seed in numbers uses neither probability, but they are computed and multiplied by zero. So they must
  // not overflow: zero times infinity is NaN.
  const { max, min } = createExpressions(writer);
  const sign = max(min(direction, 1), -1);
  const [ofProbability, ofLogProbability] = isSigmoid
    ? writeSigmoid(writer, sign, logits)
    : writeSoftmaxOfPlaces(writer, sign, logits, head);
  const parts = writer.addMany('Split', ['seed:mix'], 3, { axis: 1, num_outputs: 3 });
  const terms = [direction, ofProbability, ofLogProbability].map((part, i) =>
    writer.add('Mul', [part, parts[i]!]),
  );
  return terms.slice(1).reduce((sum, term) => writer.add('Add', [sum, term]), terms[0]!);
}

/** The class of each row that has a rank or names a class, [rows], and the number of ranked logits. */
export interface ChosenClasses {
  readonly classes: string;
  readonly ranked: string;
}

/**
 * Writes the class of each row, [rows].
 *
 * @param logits those of the items, [items, classes].
 * @returns null for a single sigmoid, which has sides instead of classes.
 */
export function writeClasses(
  writer: GraphWriter,
  logits: string,
  head: Head,
): ChosenClasses | null {
  if (isTwoSided(head, head.classes)) return null;
  // Sorting 1000 logits takes twenty times as long as finding the largest one.
  const [, order] = writer.addMany('TopK', [logits, 'seed:count'], 2, { axis: -1 });
  const ranked = writer.add('Reshape', [order!, writer.integers([-1])]);
  const candidates = writer.add('Concat', [ranked, 'seed:class'], { axis: 0 });
  return { classes: writer.add('Gather', [candidates, 'seed:place'], { axis: 0 }), ranked };
}

/** The given direction of each row; for a row with a rank, the one-hot direction of the ranked class. */
function writeDirection(
  writer: GraphWriter,
  { classes, ranked }: ChosenClasses,
  head: Head,
): string {
  const hot = writer.add('OneHot', [
    classes,
    writer.integers([head.classes]),
    writer.once('off and on', () => writer.floats(Float32Array.of(0, 1), [2])),
  ]);
  const isRanked = writer.add('Less', ['seed:place', writer.add('Size', [ranked])]);
  const mask = writer.add('Unsqueeze', [isRanked, writer.integers([1])]);
  return writer.add('Where', [mask, hot, 'seed:direction']);
}

/**
 * The direction of each row of a single sigmoid. For rank 0 it is the sign of the likelier side, for rank 1
 * the opposite sign.
 */
function writeSide(writer: GraphWriter, logits: string): string {
  const { sub, mul, choose } = createExpressions(writer);
  const places = writer.add('Unsqueeze', ['seed:rank', writer.integers([1])]);
  const rank = writer.add('Cast', [places], { to: elementType.float32 });
  const side = mul(choose('Less', logits, 0, -1, 1), sub(1, mul(2, rank)));
  const isRanked = writer.add('Greater', [places, writer.integers([-1], [])]);
  return writer.add('Where', [isRanked, side, 'seed:direction']);
}

/** A softmax over the classes of each place. For it the places become rows of their own. */
function writeSoftmaxOfPlaces(
  writer: GraphWriter,
  direction: string,
  logits: string,
  head: Head,
): [probability: string, logProbability: string] {
  const size = classesPerPlace(head, head.classes);
  if (size === head.classes) return writeSoftmax(writer, direction, logits);
  const places = writer.integers([-1, head.classes / size, size]);
  const whole = writer.integers([-1, head.classes]);
  const [probability, logProbability] = writeSoftmax(
    writer,
    writer.add('Reshape', [direction, places]),
    writer.add('Reshape', [logits, places]),
  );
  return [
    writer.add('Reshape', [probability, whole]),
    writer.add('Reshape', [logProbability, whole]),
  ];
}

function sumLast(writer: GraphWriter, value: string): string {
  return writer.add('ReduceSum', [value, writer.integers([-1])], { keepdims: 1 });
}

/**
 * The gradients of sum_i d_i p_i and of sum_i d_i log p_i, for directions d of 1, -1 and 0.
 *
 * They are p_i (d_i - sum_j p_j d_j) and d_i - p_i sum_j d_j. For a class that is nearly certain, these
 * differences would be rounded to zero, and the map with them. So the difference is summed up from the other
 * classes, as sum_j p_j (d_i - d_j), separately for the three values that d_j can have.
 */
function writeSoftmax(
  writer: GraphWriter,
  direction: string,
  logits: string,
): [probability: string, logProbability: string] {
  const { add, sub, mul, apply } = createExpressions(writer);
  const probabilities = writer.add('Softmax', [logits], { axis: -1 });
  const others = sub(1, apply('Abs', direction));
  const massOf = (mask: string): string => sumLast(writer, mul(probabilities, mask));
  const massOfOthers = massOf(others);
  const spread = [
    mul(sub(direction, 1), massOf(apply('Relu', direction))),
    mul(direction, massOfOthers),
    mul(add(direction, 1), massOf(apply('Relu', apply('Neg', direction)))),
  ].reduce((sum, part) => add(sum, part));
  // The sum is 0 for a contrast, whose terms in p cancel out, and 1 or -1 for a single class.
  const sum = sumLast(writer, direction);
  const isClass = apply('Abs', sum);
  const own = add(sub(1, isClass), mul(isClass, massOfOthers));
  return [
    mul(probabilities, spread),
    sub(mul(direction, own), mul(mul(probabilities, others), sum)),
  ];
}

/**
 * As {@link writeSoftmax}, for a sigmoid of each class: p (1 - p) and 1 - p, where 1 - p is the sigmoid of
 * -z. The sigmoid is written out as a formula, because ONNX Runtime's own Sigmoid returns 0 below about
 * -18.
 */
function writeSigmoid(
  writer: GraphWriter,
  direction: string,
  logits: string,
): [probability: string, logProbability: string] {
  const { add, div, mul, apply } = createExpressions(writer);
  const negated = apply('Neg', logits);
  const sigmoidOf = (minus: string): string => div(1, add(1, apply('Exp', minus)));
  const rest = mul(direction, sigmoidOf(logits));
  return [mul(rest, sigmoidOf(negated)), rest];
}
