import type { NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import type { Method } from '../method.ts';
import { expandBaseline, type Baseline } from '../passes/baseline.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type BatchedRunOptions,
} from '../passes/batched-runs.ts';
import { createPredict, forwardPassOf, type Predict } from '../passes/forward-pass.ts';
import { scoreInput } from '../passes/seed-gradients.ts';
import { showThrough } from '../passes/show-through.ts';
import { createRiseMasks, type RiseMaskOptions } from './rise-masks.ts';

export interface RiseOptions extends BatchedRunOptions, RiseMaskOptions {
  /** Number of masks; each one is evaluated once. Default 4000, the paper's number for VGG16. */
  readonly masks?: number | undefined;
  /** The values where a mask hides the input; default 0. */
  readonly baseline?: Baseline;
  /** Indices of the wanted scores; default all. Each needs the memory of one map. */
  readonly scores?: readonly number[];
}

/** Sums over the masks of one RISE computation, from which {@link riseMap} makes maps. */
export interface Rise {
  /** Height and width of the input. */
  readonly size: readonly [number, number];
  /** Number of masks. */
  readonly masks: number;
  /** Probability that a cell of a mask is visible. */
  readonly probability: number;
  /** Indices of the scores, in the order of `totals` and `sums`. */
  readonly scores: readonly number[];
  /** For each score, sum_i y(x * M_i) over all masks. */
  readonly totals: Float64Array;
  /** For each score, sum_i y(x * M_i) M_i(p) at each pixel p, [height * width]. */
  readonly sums: readonly Float64Array[];
  /** sum_i M_i(p) at each pixel p, [height * width]. */
  readonly coverage: Float64Array;
}

/**
 * `coverage` divides by sum_i M_i(p), `paper` by its expectation N p. With finitely many masks the
 * first is the better estimate: for a model whose score never changes, it gives a flat map.
 */
export type RiseNormalisation = 'coverage' | 'paper';

/**
 * Shows the model the input behind random masks and adds the masks, each weighted by the scores. All
 * scores come from the same passes.
 *
 * @param input [1, height, width, channels].
 * @throws GradcamError `argument` for an option that is out of range.
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
  let wanted: readonly number[] = options.scores ?? [];
  let totals = new Float64Array(0);
  let sums: readonly Float64Array[] = [];

  await runInBatches(masks, options, async (start, count) => {
    const batch = Array.from({ length: count }, nextMask);
    const shown = fillBatch(input.shape.slice(1), count, (item, i) => {
      showThrough(item, batch[i]!, input.data, hidden);
    });
    const { data, shape } = await predict(shown);
    const scoreCount = shape[1]!;
    if (start === 0) {
      wanted = checkScores(options.scores, scoreCount);
      totals = new Float64Array(wanted.length);
      sums = wanted.map(() => new Float64Array(coverage.length));
    }
    batch.forEach((mask, i) => {
      addScaled(coverage, mask, 1);
      wanted.forEach((scoreIndex, place) => {
        const value = data[i * scoreCount + scoreIndex]!;
        totals[place]! += value;
        addScaled(sums[place]!, mask, value);
      });
    });
  });
  return { size: [height, width], masks, probability, scores: wanted, totals, sums, coverage };
}

/**
 * The map of one score. A pixel that no mask has shown gets the mean score, since nothing is known of it.
 *
 * @param place index of the score in `rise.scores`.
 * @returns [height, width] in units of the score.
 * @throws GradcamError `argument` for an index that is out of range.
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

export const rise: Method = {
  name: 'rise',
  title: 'RISE',
  paper: 'https://arxiv.org/abs/1806.07421',
  summary:
    'The mean score of the image behind random masks, for each pixel over those that show it.',
  cost: 'one forward run for each of 4000 masks',
  map: 'grid',
  relu: true,
  usesLayer: false,
  passes: 'own',
  gradientFree: true,
  async explain({ session, input, runs, ...options }) {
    const { seeds } = await scoreInput(session, input, options);
    const predict = createPredict(forwardPassOf(session), seeds);
    const found = await computeRise(predict, input, { ...options, masks: runs });
    // The mean score behind a mask says nothing about any pixel, so it is the map's zero level.
    return seeds.map((_, seedIndex) => ({
      map: riseMap(found, seedIndex),
      nothing: found.totals[seedIndex]! / found.masks,
    }));
  },
};
