import { GradcamError } from '../base/errors.ts';
import type { NdArray } from '../base/nd-array.ts';
import { checkCount, imageSize, type BatchedRunOptions } from '../methods/passes/batched-runs.ts';
import { uniformNoise, type Perturbation } from './faithfulness/perturbations.ts';
import { withoutResult, type Measurement } from './measurement.ts';

/** Computes the map of an input [1, height, width, channels]; the map may have any shape. */
export type ExplainInput = (input: NdArray) => NdArray | Promise<NdArray>;

export interface SensitivityOptions extends Pick<BatchedRunOptions, 'signal' | 'onProgress'> {
  /** How the input is changed; default `uniformNoise(0.02)`, in the model's own scale. */
  readonly perturbation?: Perturbation;
  /** Number of changed inputs, each explained once; default 10. */
  readonly samples?: number;
  /** Seed of the perturbation; default 1. */
  readonly seed?: number;
}

/**
 * Sensitivity-max: the largest change of the map under small changes of the input, ‖e(x) - e(x')‖ / ‖e(x)‖,
 * in the Euclidean norm over all values. 0 means that the map does not change. For a map of zeros the
 * divisor is 1, as in captum.
 *
 * The explained class must stay the same; the function `explain` is responsible for that.
 *
 * @throws GradcamError `argument` for options out of range, and maps whose sizes differ.
 * @throws the signal's reason when aborted.
 * @see Yeh et al. 2019, arXiv 1901.09392, definition 3.1
 */
export async function measureSensitivity(
  explain: ExplainInput,
  input: NdArray,
  options: SensitivityOptions = {},
): Promise<Measurement> {
  imageSize(input);
  const { perturbation = uniformNoise(0.02), samples = 10, seed = 1, signal } = options;
  checkCount('samples', samples);
  signal?.throwIfAborted();
  const map = await explain(input);
  const perturb = perturbation.start(input, seed);
  const size = norm(map.data);
  let worst = 0;
  for (let i = 0; i < samples; i++) {
    signal?.throwIfAborted();
    const copy = input.data.slice();
    perturb(copy, i);
    const moved = await explain({ shape: input.shape, data: copy });
    if (moved.data.length !== map.data.length) {
      throw new GradcamError(
        'argument',
        `explain: the map has ${map.data.length} values, that of a changed input ${moved.data.length}`,
      );
    }
    const change = norm(map.data.map((value, j) => value - moved.data[j]!));
    worst = Math.max(worst, change / (size === 0 ? 1 : size));
    options.onProgress?.({ done: i + 1, total: samples });
  }
  signal?.throwIfAborted();
  const about = {
    metric: 'sensitivity-max',
    better: 'lower',
    settings: { perturbation: perturbation.name, samples, seed },
  } as const;
  if (Number.isFinite(worst)) return { ...about, value: worst };
  return withoutResult(about, 'a map is not finite');
}

function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}
