import {
  runInBatches,
  fillBatch,
  type BatchedRunOptions,
} from '../../methods/passes/batched-runs.ts';
import type { Measurement } from '../measurement.ts';
import { orderPixels, type TieRule } from '../order-pixels.ts';
import { checkSubject, scoreBatch, type EvidenceSubject } from '../subject.ts';
import { schedulePixels, type ScheduleOptions } from './pixel-schedule.ts';
import { describeReplacement, makeReplacement, type Replacement } from './replacement.ts';

export interface DeletionOptions extends BatchedRunOptions, ScheduleOptions {
  /** The value that replaces a removed pixel. Default: 0 for deletion, `blur` for insertion. */
  readonly replacement?: Replacement;
  /** The order of pixels of equal value; default `first`. */
  readonly ties?: TieRule;
  /**
   * How the area is computed. `true`: by the trapezoid rule over the true shares of changed pixels, divided
   * by the last share. `equal`: as if all steps were equally long. Default `true`.
   */
  readonly spacing?: 'true' | 'equal';
}

/** The area under a curve of scores, with the curve. */
export interface CurveMeasurement extends Measurement {
  readonly value: number;
  /** The share of changed pixels at each point, from 0 upwards. */
  readonly shares: readonly number[];
  /** The explained score at each point. */
  readonly scores: readonly number[];
}

/**
 * Deletion: takes the pixels away, those of the largest value first, and measures the area under the score. A
 * good map makes the score fall at once, so low is good. All channels of a pixel go together. The first point
 * is the untouched input.
 *
 * @throws GradcamError `argument` for a map of another shape than the input, and options out of range.
 * @throws the signal's reason when aborted.
 * @see Petsiuk et al. 2018, arXiv 1806.07421, section 3.2
 */
export function measureDeletion(
  subject: EvidenceSubject,
  options: DeletionOptions = {},
): Promise<CurveMeasurement> {
  return measureCurve('deletion', subject, { replacement: 0, ...options });
}

/**
 * Insertion: starts from the replacement and puts the pixels back, those of the largest value first. A good
 * map makes the score rise at once, so high is good.
 *
 * @throws as {@link measureDeletion}.
 * @see Petsiuk et al. 2018, arXiv 1806.07421, section 3.2
 */
export function measureInsertion(
  subject: EvidenceSubject,
  options: DeletionOptions = {},
): Promise<CurveMeasurement> {
  return measureCurve('insertion', subject, { replacement: 'blur', ...options });
}

async function measureCurve(
  metric: 'deletion' | 'insertion',
  subject: EvidenceSubject,
  options: DeletionOptions & { readonly replacement: Replacement },
): Promise<CurveMeasurement> {
  const { height, width, channels } = checkSubject(subject);
  const { replacement, ties = 'first', spacing = 'true' } = options;
  const pixels = height * width;
  const counts = schedulePixels(pixels, options);
  const order = orderPixels(subject.map.data, ties);
  const replaced = makeReplacement(replacement, subject.input);
  const isDeletion = metric === 'deletion';
  const [start, finish] = isDeletion
    ? [subject.input.data, replaced]
    : [replaced, subject.input.data];
  const current = start.slice();
  const scores: number[] = [];
  let changed = 0;
  await runInBatches(counts.length, options, async (first, count) => {
    const inputs = fillBatch([height, width, channels], count, (item, i) => {
      for (; changed < counts[first + i]!; changed++) {
        const from = order[changed]! * channels;
        current.set(finish.subarray(from, from + channels), from);
      }
      item.set(current);
    });
    scores.push(...(await scoreBatch(subject, inputs)));
  });
  const shares = counts.map((count) => count / pixels);
  const places = spacing === 'true' ? shares : shares.map((_, i) => i);
  return {
    metric,
    value: areaUnder(places, scores),
    better: isDeletion ? 'lower' : 'higher',
    settings: {
      score: subject.scoreName ?? 'score',
      points: counts.length,
      pixelsPerStep: counts[1]!,
      most: shares.at(-1)!,
      replacement: describeReplacement(replacement),
      ties,
      spacing,
    },
    shares,
    scores,
  };
}

/** The mean height of a curve by the trapezoid rule. */
function areaUnder(places: readonly number[], heights: readonly number[]): number {
  let area = 0;
  for (let i = 1; i < places.length; i++) {
    area += ((places[i]! - places[i - 1]!) * (heights[i]! + heights[i - 1]!)) / 2;
  }
  return area / (places.at(-1)! - places[0]!);
}
