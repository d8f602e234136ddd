import type { NdArray } from '../../base/nd-array.ts';
import { checkCount, fillBatch, imageSize, runInBatches } from '../passes/batched-runs.ts';
import { expandBaseline, type Baseline } from '../passes/baseline.ts';
import { explainedInput, joinInputs, scoreLogits } from '../passes/forward-pass.ts';
import type { Session } from '../../engines/port/engine.ts';
import { mainHead } from '../../network/network.ts';
import { gradientsAt, settleOnInput, type AveragedGradientOptions } from './input-gradients.ts';
import { quadraturePoints, type QuadratureRule } from './quadrature.ts';

export interface IntegratedGradientsOptions extends AveragedGradientOptions {
  /** Number of points on the path, each one run; default 50. */
  readonly steps?: number;
  /** Default `midpoint`. */
  readonly rule?: QuadratureRule;
  /** Where the path starts; default 0. */
  readonly baseline?: Baseline;
}

/** Integrated gradients of one seed. */
export interface IntegratedGradients {
  /** What each value gives to the score, [height, width, channels], signed. */
  readonly map: NdArray;
  /** The seed's score of the input. */
  readonly score: number;
  /** The seed's score of the baseline. */
  readonly baselineScore: number;
  /**
   * Sum of the map minus (score - baselineScore), which is 0 for the integral itself: how far the sum
   * of finitely many gradients is from it.
   */
  readonly completenessError: number;
}

/**
 * Integrated gradients: (x - x') * integral over a from 0 to 1 of dy/dx (x' + a (x - x')).
 *
 * Seeds by rank mean the class of that rank at the input, all along the path.
 *
 * @param input [1, height, width, channels].
 * @returns one for each seed.
 * @see Sundararajan et al. 2017, arXiv 1703.01365, equation 1; completeness: proposition 1
 */
export async function computeIntegratedGradients(
  session: Session,
  input: NdArray,
  options: IntegratedGradientsOptions,
): Promise<IntegratedGradients[]> {
  imageSize(input);
  const { steps = 50, rule = 'midpoint', others, signal } = options;
  checkCount('steps', steps);
  const start = expandBaseline(options.baseline ?? 0, input.shape);
  const node = explainedInput(session, others);
  const { seeds, scores } = await settleOnInput(session, input, options);
  const atStart = await session.run({
    inputs: joinInputs(session, { shape: input.shape, data: start }, others),
    outputs: [],
  });
  signal?.throwIfAborted();
  const head = mainHead(session.network);
  const startScores = scoreLogits(atStart.logits, seeds, head).data;

  const shape = input.shape.slice(1);
  const size = input.data.length;
  const points = quadraturePoints(rule, steps);
  const sums = seeds.map(() => new Float64Array(size));
  await runInBatches(points.length, options, async (first, count) => {
    const along = fillBatch(shape, count, (item, i) => {
      const { at } = points[first + i]!;
      for (let j = 0; j < size; j++) item[j] = start[j]! + at * (input.data[j]! - start[j]!);
    });
    const gradients = await gradientsAt(session, along, node, seeds, others);
    gradients.forEach(({ data }, s) => {
      data.forEach((value, j) => {
        sums[s]![j % size]! += points[first + Math.floor(j / size)]!.weight * value;
      });
    });
  });
  return sums.map((sum, s) => {
    const map = sum.map((value, j) => value * (input.data[j]! - start[j]!));
    const [score, baselineScore] = [scores[s]!, startScores[s]!];
    const total = map.reduce((all, value) => all + value, 0);
    return {
      map: { shape, data: Float32Array.from(map) },
      score,
      baselineScore,
      completenessError: total - (score - baselineScore),
    };
  });
}
