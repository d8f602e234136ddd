import type { NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import { expandBaseline, type Baseline } from '../passes/baseline.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type BatchedRunOptions,
} from '../passes/batched-runs.ts';
import type { Predict } from '../passes/forward-pass.ts';
import { showThrough } from '../passes/show-through.ts';
import { createRiseMasks, type RiseMaskOptions } from './rise-masks.ts';

export interface RiseOptions extends BatchedRunOptions, RiseMaskOptions {
  /** Number of masks, each one run; default 4000, the paper's for VGG16. */
  readonly masks?: number;
  /** What shows where the mask hides; default 0. */
  readonly baseline?: Baseline;
  /** Indices of the scores that are wanted; default all. Each costs one map of memory. */
  readonly scores?: readonly number[];
}

/** Sums of the masks of one RISE run, from which {@link riseMap} makes maps. */
export interface Rise {
  /** Height and width of the input. */
  readonly size: readonly [number, number];
  readonly masks: number;
  readonly probability: number;
  /** Indices of the scores, in the order of `sums`. */
  readonly scores: readonly number[];
  /** For each of them sum_i y(x * M_i), over all masks. */
  readonly totals: Float64Array;
  /** For each of them sum_i y(x * M_i) M_i(p), [height * width]. */
  readonly sums: readonly Float64Array[];
  /** sum_i M_i(p) */
  readonly coverage: Float64Array;
}

/**
 * `coverage` divides by sum_i M_i(p), `paper` by its expectation N p. With finitely many masks the
 * first is the better estimate: a model whose score is always the same has a flat map.
 */
export type RiseNormalisation = 'coverage' | 'paper';

/**
 * Shows the model the input behind random masks and adds the masks up, weighted by the scores: all
 * scores from one pass.
 *
 * @param input [1, height, width, channels].
 * @see Petsiuk et al. 2018, arXiv 1806.07421, section 3.1
 */
export async function computeRise(
  predict: Predict,
  input: NdArray,
  options: RiseOptions = {},
): Promise<Rise> {
  const [height, width] = imageSize(input);
  const { masks = 4000, probability = 0.5, baseline = 0 } = options;
  checkCount('masks', masks);
  const hidden = expandBaseline(baseline, input.shape);
  const nextMask = createRiseMasks(height, width, options);
  const coverage = new Float64Array(height * width);
  let wanted = options.scores;
  let totals = new Float64Array(0);
  let sums: readonly Float64Array[] = [];

  await runInBatches(masks, options, async (_, count) => {
    const batch = Array.from({ length: count }, nextMask);
    const shown = fillBatch(input.shape.slice(1), count, (item, i) => {
      showThrough(item, batch[i]!, input.data, hidden);
    });
    const { data, shape } = await predict(shown);
    const width = shape[1]!;
    if (sums.length === 0) {
      wanted = checkScores(wanted, width);
      totals = new Float64Array(wanted.length);
      sums = wanted.map(() => new Float64Array(coverage.length));
    }
    batch.forEach((mask, i) => {
      addScaled(coverage, mask, 1);
      wanted!.forEach((score, s) => {
        const value = data[i * width + score]!;
        totals[s]! += value;
        addScaled(sums[s]!, mask, value);
      });
    });
  });
  const scores = wanted ?? [];
  return { size: [height, width], masks, probability, scores, totals, sums, coverage };
}

/**
 * The map of one score. A pixel that no mask has shown gets the mean score: nothing is known of it.
 *
 * @param place among `rise.scores`.
 * @returns [height, width] in units of the score.
 */
export function riseMap(
  rise: Rise,
  place: number,
  normalisation: RiseNormalisation = 'coverage',
): NdArray {
  const { size, masks, probability, totals, sums, coverage } = rise;
  const found = sums[place];
  if (found === undefined) {
    throw new GradcamError('argument', `score ${place} is not in 0..${sums.length - 1}`);
  }
  const mean = totals[place]! / masks;
  const expected = masks * probability;
  const data = Float32Array.from(found, (sum, i) => {
    if (normalisation === 'paper') return sum / expected;
    return coverage[i]! > 0 ? sum / coverage[i]! : mean;
  });
  return { shape: [...size], data };
}

function addScaled(sums: Float64Array, mask: Float32Array, factor: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += factor * mask[i]!;
}

function checkScores(wanted: readonly number[] | undefined, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  const missing = wanted?.find((score) => !all.includes(score));
  if (missing === undefined) return wanted ?? all;
  throw new GradcamError('argument', `score ${missing} is not in 0..${count - 1}`);
}
