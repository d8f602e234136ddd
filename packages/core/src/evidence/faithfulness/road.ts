import { GradcamError } from '../../base/errors.ts';
import { createGaussian } from '../../methods/multi-pass/gaussian.ts';
import {
  fillBatch,
  runInBatches,
  type BatchedRunOptions,
} from '../../methods/passes/batched-runs.ts';
import type { Measurement } from '../measurement.ts';
import { orderPixels } from '../order-pixels.ts';
import { checkSubject, scoreBatch, scoreOf, type EvidenceSubject } from '../subject.ts';
import { imputeLinearly } from './impute.ts';

export interface RoadOptions extends BatchedRunOptions {
  /** Shares of the pixels that are removed, each above 0 and below 1; default 0.1, 0.2, .. 0.9. */
  readonly removed?: readonly number[];
  /**
   * Standard deviation of the noise that is added to filled pixels, in the model's own scale; default 0.01.
   * It hides from the model where a pixel was filled in.
   */
  readonly noise?: number;
  /** Seed of the noise; default 1. */
  readonly seed?: number;
}

/** ROAD of one map. */
export interface RoadMeasurement extends Measurement {
  /** (mean change with the least relevant first - mean change with the most relevant first) / 2. */
  readonly value: number;
  /** The removed shares. */
  readonly removed: readonly number[];
  /** The change of the score, s(filled) - s(x), at each share, with the most relevant pixels removed. */
  readonly mostRelevant: readonly number[];
  /** The same with the least relevant pixels removed. */
  readonly leastRelevant: readonly number[];
}

const defaultRemoved = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;

/**
 * ROAD, remove and debias: removes the most relevant pixels, and separately the least relevant ones, fills
 * them in from their neighbours, and compares how far the score falls. The higher the value, the better the
 * map.
 *
 * Pixels are chosen by rank, so exactly the stated share is removed; pixels of equal value are ordered as
 * in the image. pytorch-grad-cam uses a threshold at a percentile instead, which removes every pixel of a
 * map that is 0 on most of the image. If no pixels are tied at the threshold, both choose the same pixels:
 * the k least relevant ones stay, with k = ceil((1 - removed) (n - 1)), as NumPy's percentile and a strict
 * comparison give it.
 *
 * @throws GradcamError `argument` for a map of another shape than the input, and options out of range.
 * @throws the signal's reason when aborted.
 * @see Rong et al. 2022, arXiv 2202.00449
 */
export async function measureRoad(
  subject: EvidenceSubject,
  options: RoadOptions = {},
): Promise<RoadMeasurement> {
  const { height, width, channels } = checkSubject(subject);
  const { removed = defaultRemoved, noise = 0.01, seed = 1 } = options;
  checkRoad(removed, noise);
  const order = orderPixels(subject.map.data);
  const gaussian = createGaussian(seed);
  const image = { values: subject.input.data, height, width, channels };
  /** The item's values: the first half removes the most relevant pixels, the second the least relevant. */
  const fill = (item: Float32Array, index: number): void => {
    const isMost = index < removed.length;
    const kept = countKept(removed[index % removed.length]!, order.length);
    const missing = new Uint8Array(order.length).fill(1);
    const stay = isMost ? order.subarray(order.length - kept) : order.subarray(0, kept);
    for (const pixel of stay) missing[pixel] = 0;
    const filled = imputeLinearly({ ...image, missing });
    for (let i = 0; i < item.length; i++) {
      const isFilled = noise > 0 && missing[Math.floor(i / channels)] === 1;
      item[i] = isFilled ? filled[i]! + noise * gaussian() : filled[i]!;
    }
  };
  const score = await scoreOf(subject);
  const changes: number[] = [];
  await runInBatches(2 * removed.length, options, async (first, count) => {
    const inputs = fillBatch([height, width, channels], count, (item, i) => fill(item, first + i));
    for (const filled of await scoreBatch(subject, inputs)) changes.push(filled - score);
  });
  const mostRelevant = changes.slice(0, removed.length);
  const leastRelevant = changes.slice(removed.length);
  return {
    metric: 'road',
    value: (meanOf(leastRelevant) - meanOf(mostRelevant)) / 2,
    better: 'higher',
    settings: {
      score: subject.scoreName ?? 'score',
      removed,
      noise,
      seed: noise > 0 ? seed : null,
    },
    removed,
    mostRelevant,
    leastRelevant,
  };
}

/** Subtracted before rounding up, so that a rounding error of the product cannot keep one pixel too many. */
const ROUNDING = 1e-9;

/** At least one pixel stays, since nothing could be filled in from none. */
function countKept(removed: number, pixels: number): number {
  return Math.max(1, Math.ceil((1 - removed) * (pixels - 1) - ROUNDING));
}

function checkRoad(removed: readonly number[], noise: number): void {
  if (removed.length === 0 || !removed.every((share) => share > 0 && share < 1)) {
    throw new GradcamError(
      'argument',
      `removed: expected shares above 0 and below 1, got [${removed.join(', ')}]`,
    );
  }
  if (noise >= 0 && Number.isFinite(noise)) return;
  throw new GradcamError('argument', `noise: expected a number of at least 0, got ${noise}`);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
