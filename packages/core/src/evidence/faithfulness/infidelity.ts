import { GradcamError } from '../../base/errors.ts';
import { findNonFinite, type NdArray } from '../../base/nd-array.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type BatchedRunOptions,
} from '../../methods/passes/batched-runs.ts';
import { withoutResult, type Measurement } from '../measurement.ts';
import { scoreBatch, scoreOf, type ScoredInput } from '../subject.ts';
import { randomSquares, type Perturbation } from './perturbations.ts';

export interface InfidelityOptions extends BatchedRunOptions {
  /** How the input is changed; default `randomSquares` with a quarter of the shorter side. */
  readonly perturbation?: Perturbation;
  /** Number of changed inputs; default 64. */
  readonly samples?: number;
  /**
   * The meaning of the attribution. `gradient`: the change of the score for each unit of the input, as
   * gradients give it; it is multiplied by the change x - x'. `contribution`: the share of each value in
   * the score compared with an input of zeros, as integrated gradients give it; it is multiplied by the
   * removed share (x - x') / x, which is 1 where x is 0 and changes. Default `contribution`.
   */
  readonly attribution?: 'gradient' | 'contribution';
  /**
   * Whether the attribution is first multiplied by the one number that makes the error smallest, so that its
   * scale does not count. Default true, since the scale of a CAM means nothing.
   */
  readonly scaled?: boolean;
  /** Seed of the perturbation; default 1. */
  readonly seed?: number;
}

/**
 * Infidelity: the mean square of the difference between the change of the score that the attribution
 * predicts for a changed input, and the real change. 0 is perfect. The unit is that of the score, squared.
 *
 * @param subject its `map` is the attribution: [height, width], the same for all channels, or [height,
 * width, channels].
 * @throws GradcamError `argument` for an attribution of another shape, and options out of range.
 * @throws the signal's reason when aborted.
 * @see Yeh et al. 2019, arXiv 1901.09392, definition 2.1; the optimal scale: section 2.2
 */
export async function measureInfidelity(
  subject: ScoredInput & { readonly map: NdArray },
  options: InfidelityOptions = {},
): Promise<Measurement> {
  const { input, map } = subject;
  const [height, width, channels] = imageSize(input);
  const perChannel = spreadOverChannels(map, [height, width, channels]);
  const { samples = 64, attribution = 'contribution', scaled = true, seed = 1 } = options;
  checkCount('samples', samples);
  const side = Math.max(1, Math.round(Math.min(height, width) / 4));
  const { perturbation = randomSquares(side) } = options;
  const perturb = perturbation.start(input, seed);
  const score = await scoreOf(subject);
  const predicted: number[] = [];
  const actual: number[] = [];
  await runInBatches(samples, options, async (first, count) => {
    const inputs = fillBatch([height, width, channels], count, (item, i) => {
      item.set(input.data);
      perturb(item, first + i);
      predicted.push(predictChange(perChannel, input.data, item, attribution));
    });
    for (const changed of await scoreBatch(subject, inputs)) actual.push(score - changed);
  });
  const about = {
    metric: 'infidelity',
    better: 'lower',
    settings: {
      score: subject.scoreName ?? 'score',
      perturbation: perturbation.name,
      samples,
      attribution,
      scaled,
      seed,
    },
  } as const;
  const factor = scaled ? fitScale(predicted, actual) : 1;
  if (factor === null) {
    return withoutResult(about, 'the attribution predicts no change at all, so it has no scale');
  }
  const squares = predicted.map((value, i) => (factor * value - actual[i]!) ** 2);
  return { ...about, value: squares.reduce((sum, value) => sum + value, 0) / samples };
}

function spreadOverChannels(
  { shape, data }: NdArray,
  [height, width, channels]: readonly [number, number, number],
): Float32Array {
  const found = shape.join();
  const isPlain = found === [height, width].join();
  const fits = isPlain || found === [height, width, channels].join();
  const broken = findNonFinite(data);
  if (!fits || broken >= 0 || data.length !== height * width * (isPlain ? 1 : channels)) {
    const what = broken >= 0 ? `${data[broken]} at ${broken}` : `[${shape.join(', ')}]`;
    throw new GradcamError(
      'argument',
      `map: expected finite values [${height}, ${width}] or [${height}, ${width}, ${channels}], got ${what}`,
    );
  }
  if (!isPlain) return data;
  return Float32Array.from(
    { length: data.length * channels },
    (_, i) => data[Math.floor(i / channels)]!,
  );
}

function predictChange(
  attribution: Float32Array,
  input: Float32Array,
  changed: Float32Array,
  kind: 'gradient' | 'contribution',
): number {
  let sum = 0;
  for (let i = 0; i < input.length; i++) {
    const difference = input[i]! - changed[i]!;
    if (difference === 0) continue;
    const divisor = kind === 'gradient' || input[i] === 0 ? 1 : input[i]!;
    sum += attribution[i]! * (difference / divisor);
  }
  return sum;
}

/** The factor b that makes sum (b p - a)^2 smallest; null where all p are 0. */
function fitScale(predicted: readonly number[], actual: readonly number[]): number | null {
  const squares = predicted.reduce((sum, value) => sum + value * value, 0);
  if (squares === 0) return null;
  return predicted.reduce((sum, value, i) => sum + value * actual[i]!, 0) / squares;
}
