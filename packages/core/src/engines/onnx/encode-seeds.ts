import { isTwoSided } from '../port/probabilities.ts';
import type { PassSeed } from '../port/engine.ts';
import { seedOfItem } from '../port/resolve-batch.ts';
import type { Seed } from '../port/seed.ts';
import type { Head } from '../../network/network.ts';
import type { OnnxValue } from './proto/onnx-model.ts';

/** Name of the input that says whether every row is about a single logit. */
export const seedIsSingle = 'seed:single';

/**
 * The inputs of a compiled graph that describe its seeds, one row for each seed.
 *
 * A row's score is `sum_i direction_i * s(i)`. The row's mix chooses s(i): the logit, the probability or
 * the log probability of class i.
 *
 * Rows about a place in the ranking of the scores have no direction. `seed:count` says how many of the best
 * logits of each item are ranked, and `seed:place` where a row's class stands in the list of these of all
 * items, one item after the other. After them the list has `seed:class`, the classes of rows that name one.
 * A single sigmoid has two sides instead: `seed:rank` is 0 for the likelier one, 1 for the other one, and -1
 * for rows with a direction.
 *
 * `seed:plain` says that every row is about logits, so that no probability is needed. `seed:single` says that
 * every row is one logit, so that the class alone is needed.
 */
export function seedInputs(head: Head, rows: number | string): OnnxValue[] {
  const choice: OnnxValue[] = isTwoSided(head, head.classes)
    ? [{ name: 'seed:rank', type: 'int64', shape: [rows] }]
    : [
        { name: 'seed:count', type: 'int64', shape: [1] },
        { name: 'seed:place', type: 'int64', shape: [rows] },
        { name: 'seed:class', type: 'int64', shape: [rows] },
      ];
  return [
    { name: 'seed:direction', type: 'float32', shape: [rows, head.classes] },
    { name: 'seed:mix', type: 'float32', shape: [rows, 3] },
    ...choice,
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
  head: Head,
  rows: number,
): Readonly<Record<string, Float32Array | BigInt64Array | Uint8Array>> {
  const { classes } = head;
  const items = rows / seeds.length;
  const all = seeds.flatMap((seed) =>
    Array.from({ length: items }, (_, item) =>
      seed instanceof Float32Array
        ? seed.subarray(item * classes, (item + 1) * classes)
        : seedOfItem(seed, item),
    ),
  );
  // A rank or class that the model does not have is told when the seed is resolved on the logits.
  const last = isTwoSided(head, classes) ? 1 : classes - 1;
  const ranks = all.map((seed) =>
    !(seed instanceof Float32Array) && 'rank' in seed.of ? Math.min(seed.of.rank, last) : -1,
  );
  const count = Math.max(0, ...ranks) + 1;
  const named = all.map((seed) =>
    !(seed instanceof Float32Array) && 'class' in seed.of && seed.of.class < classes
      ? seed.of.class
      : -1,
  );
  const isPlain = all.every((seed) => seed instanceof Float32Array || scoreOf(seed) === 'logit');
  const isSingle = isPlain && ranks.every((rank, row) => rank >= 0 || named[row]! >= 0);
  const direction = new Float32Array(rows * classes);
  const mix = new Float32Array(rows * 3);
  all.forEach((seed, row) => {
    mix[row * 3 + (seed instanceof Float32Array ? 0 : scoreNames.indexOf(scoreOf(seed)))] = 1;
    writeDirectionOf(seed, direction.subarray(row * classes, (row + 1) * classes));
  });
  const integers = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt);
  const choice: Record<string, BigInt64Array> = isTwoSided(head, classes)
    ? { 'seed:rank': integers(ranks) }
    : {
        'seed:count': integers([count]),
        'seed:place': integers(
          ranks.map((rank, row) => (rank < 0 ? items * count + row : (row % items) * count + rank)),
        ),
        'seed:class': integers(named.map((index) => Math.max(0, index))),
      };
  return {
    ...{ 'seed:direction': direction, 'seed:mix': mix, ...choice },
    ...{ 'seed:plain': Uint8Array.of(+isPlain), [seedIsSingle]: Uint8Array.of(+isSingle) },
  };
}

const scoreNames: readonly Seed['score'][] = ['logit', 'probability', 'logProbability'];

/** Writes the direction of one row. A row with a rank has none. */
function writeDirectionOf(seed: Seed | Float32Array, row: Float32Array): void {
  if (seed instanceof Float32Array) {
    row.set(seed);
    return;
  }
  const { of } = seed;
  if ('scalar' in of) throw new Error('a function must be resolved into numbers before a pass');
  if ('direction' in of) row.set(of.direction);
  else if ('class' in of) row[of.class] = 1;
  else if ('not' in of) row[of.not] = -1;
  else if ('sum' in of) for (const index of of.sum) row[index] = 1;
  else if ('contrast' in of) {
    row[of.contrast[0]]! += 1;
    row[of.contrast[1]]! -= 1;
  }
}

/** A direction is one of the logits, whatever score its seed names. */
function scoreOf({ score, of }: Seed): Seed['score'] {
  return 'direction' in of ? 'logit' : score;
}
