import type { NdArray } from '../../base/nd-array.ts';
import { fillBatch, type BatchedRunOptions } from '../../methods/passes/batched-runs.ts';
import { showThrough } from '../../methods/passes/show-through.ts';
import { withoutResult, type Measurement, type SettingValue } from '../measurement.ts';
import { checkSubject, scoreBatch, type EvidenceSubject } from '../subject.ts';
import { describeReplacement, makeReplacement, type Replacement } from './replacement.ts';

/** How a map becomes a mask; see {@link MaskedImageOptions.mask}. */
export type MaskRule = 'positive' | 'magnitude' | 'given';

export interface MaskedImageOptions extends Pick<BatchedRunOptions, 'signal'> {
  /**
   * How a map becomes a mask of 0..1. `positive`: what is below 0 is cut, and the rest is divided by the
   * largest value. `magnitude`: absolute values, brought to 0..1 from their smallest to their largest.
   * `given`: the map as it is, cut to 0..1. Default `positive`.
   */
  readonly mask?: MaskRule;
  /**
   * The value that the image is replaced with where the mask hides it; default 0, the mean colour of most
   * models.
   */
  readonly replacement?: Replacement;
  /**
   * The drop as a share of the score, as in the paper, or as a difference of scores. Default `share`.
   */
  readonly drop?: 'share' | 'difference';
}

/** What happens to a score when the image is seen through its map only. */
export interface MaskedImageMeasurements {
  /** The score of the image. */
  readonly score: number;
  /** The score of the masked image. */
  readonly maskedScore: number;
  /** max(0, s - s_masked) / s: average drop is its mean over images, as a share and not in percent. */
  readonly drop: Measurement;
  /** 1 where the masked image has the higher score, else 0: average increase is its mean. */
  readonly increase: Measurement;
  /** max(0, s_masked - s) / (1 - s): average gain is its mean; for probabilities alone. */
  readonly gain: Measurement;
}

/**
 * Average drop, increase and gain of one image: the input is multiplied by its map, and the scores before and
 * after are compared. Drop and gain are shares of scores, which needs probabilities: for a score of 0 or less
 * the drop as a share has no result, and neither has the gain for a score outside of 0..1.
 *
 * @throws GradcamError `argument` for a map of another shape than the input.
 * @see Chattopadhay et al. 2018, arXiv 1710.11063, section 4.1; gain: Zhang et al. 2024, arXiv 2204.12023
 */
export async function measureMaskedImage(
  subject: EvidenceSubject,
  options: MaskedImageOptions = {},
): Promise<MaskedImageMeasurements> {
  const { height, width, channels } = checkSubject(subject);
  const { mask = 'positive', replacement = 0, drop = 'share', signal } = options;
  signal?.throwIfAborted();
  const shown = makeMask(subject.map, mask);
  const hidden = makeReplacement(replacement, subject.input);
  const inputs = fillBatch([height, width, channels], 2, (item, i) => {
    if (i === 0) item.set(subject.input.data);
    else showThrough(item, shown, subject.input.data, hidden);
  });
  const [score, maskedScore] = (await scoreBatch(subject, inputs)) as [number, number];
  signal?.throwIfAborted();
  const settings = {
    score: subject.scoreName ?? 'score',
    mask,
    replacement: describeReplacement(replacement),
  };
  return {
    score,
    maskedScore,
    drop: measureDrop(score, maskedScore, drop, settings),
    increase: {
      metric: 'increase',
      value: maskedScore > score ? 1 : 0,
      better: 'higher',
      settings,
    },
    gain: measureGain(score, maskedScore, settings),
  };
}

type Settings = Readonly<Record<string, SettingValue>>;

function measureDrop(
  score: number,
  masked: number,
  drop: 'share' | 'difference',
  settings: Settings,
): Measurement {
  const about = { metric: 'drop', better: 'lower', settings: { ...settings, drop } } as const;
  const fall = Math.max(0, score - masked);
  if (drop === 'difference') return { ...about, value: fall };
  if (score > 0) return { ...about, value: fall / score };
  return withoutResult(about, `the score is ${score}; a share of it needs a score above 0`);
}

function measureGain(score: number, masked: number, settings: Settings): Measurement {
  const about = { metric: 'gain', better: 'higher', settings } as const;
  if (!(score >= 0 && score <= 1)) {
    return withoutResult(about, `the score is ${score}; the gain needs a probability`);
  }
  const rise = Math.max(0, masked - score);
  return { ...about, value: rise === 0 ? 0 : rise / (1 - score) };
}

function makeMask({ data }: NdArray, kind: MaskRule): Float64Array {
  if (kind === 'given') return Float64Array.from(data, (value) => Math.min(1, Math.max(0, value)));
  const values = Float64Array.from(data, (value) =>
    kind === 'positive' ? Math.max(0, value) : Math.abs(value),
  );
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const from = kind === 'positive' ? 0 : least;
  return most > from ? values.map((value) => (value - from) / (most - from)) : values.fill(0);
}
