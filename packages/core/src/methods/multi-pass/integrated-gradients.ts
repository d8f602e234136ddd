import type { NdArray } from '../../base/nd-array.ts';
import type { Session } from '../../engines/port/engine.ts';
import { mainHead } from '../../network/network.ts';
import type { Method } from '../method.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type SeededRunOptions,
} from '../passes/batched-runs.ts';
import { expandBaseline, type Baseline } from '../passes/baseline.ts';
import { imageInput, scoreLogits } from '../passes/forward-pass.ts';
import { gradientsAt, scoreInput } from '../passes/seed-gradients.ts';
import { quadraturePoints, type QuadratureRule } from './quadrature.ts';

export interface IntegratedGradientsOptions extends SeededRunOptions {
  /** Number of points on the path; each one is evaluated once. Default 50. */
  readonly steps?: number | undefined;
  /** How the points and their weights are chosen; default `midpoint`. */
  readonly rule?: QuadratureRule;
  /** The input at which the path starts; default 0. */
  readonly baseline?: Baseline;
}

/** Integrated gradients of one seed. */
export interface IntegratedGradients {
  /** How much each input value contributes to the score, [height, width, channels], signed. */
  readonly map: NdArray;
  /** The seed's score of the input. */
  readonly score: number;
  /** The seed's score of the baseline. */
  readonly baselineScore: number;
  /**
   * Sum of the map minus (score - baselineScore). It would be 0 for the exact integral, so it measures
   * the error of a sum of finitely many gradients.
   */
  readonly completenessError: number;
}

/**
 * Integrated gradients: (x - x') * integral over a from 0 to 1 of dy/dx (x' + a (x - x')), with the
 * baseline x'.
 *
 * A seed by rank stands for the class that has this rank at the input, along the whole path.
 *
 * @param input [1, height, width, channels].
 * @returns one result for each seed.
 * @see Sundararajan et al. 2017, arXiv 1703.01365, equation 1; completeness: proposition 1
 */
export async function computeIntegratedGradients(
  session: Session,
  input: NdArray,
  options: IntegratedGradientsOptions,
): Promise<IntegratedGradients[]> {
  imageSize(input);
  const { steps = 50, rule = 'midpoint', signal } = options;
  checkCount('steps', steps);
  const start = expandBaseline(options.baseline ?? 0, input.shape);
  const node = session.network.inputs[0]!;
  const { seeds, scores } = await scoreInput(session, input, options);
  const atStart = await session.run({
    inputs: imageInput(session, { shape: input.shape, data: start }),
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
    const gradients = await gradientsAt(session, node, along, seeds);
    gradients.forEach(({ data }, seedIndex) => {
      const sum = sums[seedIndex]!;
      data.forEach((value, j) => {
        sum[j % size]! += points[first + Math.floor(j / size)]!.weight * value;
      });
    });
  });
  return sums.map((sum, seedIndex) => {
    const map = sum.map((value, j) => value * (input.data[j]! - start[j]!));
    const [score, baselineScore] = [scores[seedIndex]!, startScores[seedIndex]!];
    const total = map.reduce((all, value) => all + value, 0);
    return {
      map: { shape, data: Float32Array.from(map) },
      score,
      baselineScore,
      completenessError: total - (score - baselineScore),
    };
  });
}

export const integratedGradients: Method = {
  name: 'integrated-gradients',
  aliases: ['ig'],
  title: 'Integrated gradients',
  paper: 'https://arxiv.org/abs/1703.01365',
  summary: 'What each pixel gives to the score on the way from a blank image to this one.',
  cost: 'a forward and a backward run through the whole net for each of 50 points',
  map: 'pixels',
  relu: false,
  usesLayer: false,
  passes: 'own',
  explain: ({ session, input, runs, ...options }) =>
    computeIntegratedGradients(session, input, { ...options, steps: runs }),
};
