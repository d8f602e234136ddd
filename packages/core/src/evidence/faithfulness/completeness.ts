import { GradcamError } from '../../base/errors.ts';
import { fillBatch } from '../../methods/passes/batched-runs.ts';
import { findNonFinite, type NdArray } from '../../base/nd-array.ts';
import type { Measurement } from '../measurement.ts';
import { scoreBatch, type ScoredInput } from '../subject.ts';
import { describeReplacement, makeReplacement, type Replacement } from './replacement.ts';

export interface CompletenessOptions {
  /** The input from which the attribution starts; default 0. */
  readonly baseline?: Replacement;
  readonly signal?: AbortSignal;
}

/** The completeness of an attribution, with the numbers that it is made of. */
export interface CompletenessMeasurement extends Measurement {
  readonly value: number;
  /** Sum of the attribution. */
  readonly total: number;
  /** The score of the input minus that of the baseline, which the sum should be. */
  readonly expected: number;
}

/**
 * Completeness: |sum of the attribution - (score of the input - score of the baseline)|, in units of the
 * score. Integrated gradients promise 0. It is a property of attributions that promise it, and says nothing
 * about CAMs.
 *
 * @param subject its `map` is the attribution, of any shape: its values are added.
 * @throws GradcamError `argument` for an attribution or a score that is not finite.
 * @see Sundararajan et al. 2017, arXiv 1703.01365, proposition 1
 */
export async function measureCompleteness(
  subject: ScoredInput & { readonly map: NdArray },
  { baseline = 0, signal }: CompletenessOptions = {},
): Promise<CompletenessMeasurement> {
  const { input, map } = subject;
  const broken = findNonFinite(map.data);
  if (broken >= 0) {
    throw new GradcamError('argument', `map is ${map.data[broken]} at index ${broken}`);
  }
  signal?.throwIfAborted();
  const start = makeReplacement(baseline, input);
  const inputs = fillBatch(input.shape.slice(1), 2, (item, i) => {
    item.set(i === 0 ? input.data : start);
  });
  const [score, startScore] = (await scoreBatch(subject, inputs)) as [number, number];
  signal?.throwIfAborted();
  const total = map.data.reduce((sum, value) => sum + value, 0);
  const expected = score - startScore;
  return {
    metric: 'completeness-error',
    value: Math.abs(total - expected),
    better: 'lower',
    settings: {
      score: subject.scoreName ?? 'score',
      baseline: describeReplacement(baseline),
    },
    total,
    expected,
  };
}
