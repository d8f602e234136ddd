import { classesPerPlace, isTwoSided } from '../port/probabilities.ts';
import type { PassSeed } from '../port/engine.ts';
import { isListOfSeeds, seedOfItem } from '../port/resolve-batch.ts';
import type { Seed } from '../port/seed.ts';
import type { Head } from '../../network/network.ts';
import type { GraphWriter } from './graph-writer.ts';
import { createExpressions } from './lower/expressions.ts';
import { elementType, type OnnxValue } from './proto/onnx-model.ts';

/** Name of the input that says whether no row's gradient has more than one element that is not zero. */
export const seedIsSingle = 'seed:single';

/**
 * The inputs of a compiled graph that describe its seeds, one row for each seed.
 *
 * A row's score is `sum_i direction_i * s(i)`. The row's mix chooses s(i): the logit, the probability or
 * the log probability of class i. A rank of 0 or more replaces the direction by the class at that place in
 * the ranking of the scores.
 *
 * `seed:plain` says that every row is about logits, so that no probability is needed. `seed:single` says in
 * addition that no row's gradient has more than one element that is not zero.
 */
export function seedInputs(classes: number, rows: number | string): OnnxValue[] {
  return [
    { name: 'seed:direction', type: 'float32', shape: [rows, classes] },
    { name: 'seed:rank', type: 'int64', shape: [rows] },
    { name: 'seed:mix', type: 'float32', shape: [rows, 3] },
    { name: 'seed:plain', type: 'bool', shape: [] },
    { name: seedIsSingle, type: 'bool', shape: [] },
  ];
}

/**
 * Values for {@link seedInputs}.
 *
 * @param rows seeds times items of the batch: each seed has one row for each item.
 */
export function encodeSeeds(
  seeds: readonly PassSeed[],
  classes: number,
  rows: number,
): {
  direction: Float32Array;
  rank: BigInt64Array;
  mix: Float32Array;
  isPlain: boolean;
  isSingle: boolean;
} {
  const direction = new Float32Array(rows * classes);
  const rank = new BigInt64Array(rows).fill(-1n);
  const mix = new Float32Array(rows * 3);
  const items = rows / seeds.length;
  seeds.forEach((seed, s) => {
    for (let item = 0; item < items; item++) {
      const row = s * items + item;
      if (seed instanceof Float32Array) {
        direction.set(seed.subarray(item * classes, (item + 1) * classes), row * classes);
        mix[row * 3] = 1;
        continue;
      }
      const own = seedOfItem(seed, item);
      const { of } = own;
      mix[row * 3 + ['logit', 'probability', 'logProbability'].indexOf(scoreOf(own))] = 1;
      if ('scalar' in of) throw new Error('a function must be resolved into numbers before a pass');
      if ('direction' in of) direction.set(of.direction, row * classes);
      else if ('rank' in of) rank[row] = BigInt(of.rank);
      else if ('class' in of) direction[row * classes + of.class]! += 1;
      else if ('not' in of) direction[row * classes + of.not]! -= 1;
      else {
        direction[row * classes + of.contrast[0]]! += 1;
        direction[row * classes + of.contrast[1]]! -= 1;
      }
    }
  });
  const all = seeds.flatMap((seed): readonly (Seed | Float32Array)[] =>
    isListOfSeeds(seed) ? seed : [seed],
  );
  const isPlain = all.every((seed) => seed instanceof Float32Array || scoreOf(seed) === 'logit');
  const isSingle =
    isPlain &&
    all.every(
      (seed) =>
        !(seed instanceof Float32Array) &&
        ('rank' in seed.of || 'class' in seed.of || 'not' in seed.of),
    );
  return { direction, rank, mix, isPlain, isSingle };
}

/** A direction is one of the logits, whatever score its seed names. */
function scoreOf({ score, of }: Seed): Seed['score'] {
  return 'direction' in of ? 'logit' : score;
}

/** Writes the gradient of every row's score with respect to the logits, [rows, classes]. */
export function writeSeeds(writer: GraphWriter, logits: string, head: Head): string {
  const direction = writeDirection(writer, logits, head);
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

/** The given direction of each row; for a row with a rank, the one-hot direction of the ranked class. */
function writeDirection(writer: GraphWriter, logits: string, head: Head): string {
  const { classes } = head;
  const isRanked = writer.add('Greater', ['seed:rank', writer.integers([-1], [])]);
  const mask = writer.add('Unsqueeze', [isRanked, writer.integers([1])]);
  const hot = isTwoSided(head, classes)
    ? writeSide(writer, logits)
    : writeRanked(writer, logits, classes);
  return writer.add('Where', [mask, hot, 'seed:direction']);
}

/** For a single sigmoid: the sign of the likelier class for rank 0, and the opposite sign for rank 1. */
function writeSide(writer: GraphWriter, logits: string): string {
  const { sub, mul, choose } = createExpressions(writer);
  const rank = writer.add('Cast', ['seed:rank'], { to: elementType.float32 });
  const order = sub(1, mul(2, writer.add('Unsqueeze', [rank, writer.integers([1])])));
  return mul(choose('Less', logits, 0, -1, 1), order);
}

function writeRanked(writer: GraphWriter, logits: string, classes: number): string {
  const safe = writer.add('Max', ['seed:rank', writer.integers([0], [])]);
  // Sorting 1000 logits takes twenty times as long as finding the largest one.
  const last = writer.add('ReduceMax', [safe], { keepdims: 1 });
  const count = writer.add('Add', [last, writer.integers([1], [])]);
  const [, order] = writer.addMany('TopK', [logits, count], 2, { axis: -1 });
  // All rows of a single image rank its logits; in a batch each row ranks the logits of its own image.
  const shape = writer.add('Concat', [writer.add('Shape', [safe]), writer.integers([1])], {
    axis: 0,
  });
  const rows = writer.add('Expand', [order!, shape]);
  const index = writer.add('Unsqueeze', [safe, writer.integers([1])]);
  const picked = writer.add('GatherElements', [rows, index], { axis: 1 });
  const flat = writer.add('Reshape', [picked, writer.integers([-1])]);
  return writer.add('OneHot', [
    flat,
    writer.integers([classes]),
    writer.once('off and on', () => writer.floats(Float32Array.of(0, 1), [2])),
  ]);
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
