import { batchItem, type NdArray } from '../../base/nd-array.ts';
import { softmax } from '../../engines/port/probabilities.ts';
import type { Seed } from '../../engines/port/seed.ts';
import { weightChannels } from '../grid/map-algebra.ts';
import type { Method } from '../method.ts';
import { expandBaseline, type Baseline } from '../passes/baseline.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type SeededRunOptions,
} from '../passes/batched-runs.ts';
import {
  forwardPassOf,
  resolveRanks,
  scoreLogits,
  type ForwardPass,
} from '../passes/forward-pass.ts';
import { showThrough } from '../passes/show-through.ts';
import { channelMasks, chooseChannels } from './score-cam-masks.ts';

/**
 * How scores become weights of channels:
 * - `softmax-logit`: softmax over the channels of the seed's score, as the paper normalises and most
 *   libraries do. Where the logits differ much, nearly all weight falls on one channel.
 * - `prob`: the probability itself, as in the authors' program.
 * - `relu-increase`: how far the score lies above that of the baseline, at least 0. This is the paper's
 *   channel-wise increase of confidence f(X * H_k) - f(X_b).
 */
export type ScoreCamWeighting = 'softmax-logit' | 'prob' | 'relu-increase';

export interface ScoreCamOptions extends SeededRunOptions {
  /** Name of the node whose channels become masks. */
  readonly layer: string;
  /** Default `softmax-logit`. */
  readonly weighting?: ScoreCamWeighting;
  /** At most this many channels, those with the largest standard deviation; default all. */
  readonly channels?: number | undefined;
  /** The values where a mask hides the input; default 0. */
  readonly baseline?: Baseline;
}

/** Score-CAM of each seed. */
export interface ScoreCam {
  /** Raw maps [rows, columns], before the ReLU, one for each seed. */
  readonly maps: readonly NdArray[];
  /** For each seed, one weight for each channel of the layer; 0 for a channel that was not evaluated. */
  readonly weights: readonly Float64Array[];
  /** The channels that were evaluated, in this order. */
  readonly channels: readonly number[];
  /** [channels, seeds]: scores of the masked inputs. */
  readonly scores: NdArray;
  /** [rows, columns, channels] of the layer. */
  readonly activations: NdArray;
}

/**
 * Score-CAM: L = sum_k w_k A_k, where w_k follows from the score of the input seen through channel k. The
 * display applies the paper's ReLU. Each channel is evaluated once.
 *
 * @param input [1, height, width, channels].
 * @throws GradcamError `argument` for an option that is out of range.
 * @see Wang et al. 2020, arXiv 1910.01279
 */
export async function computeScoreCam(
  pass: ForwardPass,
  input: NdArray,
  options: ScoreCamOptions,
): Promise<ScoreCam> {
  const [height, width] = imageSize(input);
  const { layer, weighting = 'softmax-logit', channels: most = Infinity } = options;
  if (most !== Infinity) checkCount('channels', most);
  const hidden = expandBaseline(options.baseline ?? 0, input.shape);
  options.signal?.throwIfAborted();
  const clean = await pass.run(input, [layer]);
  const activations = batchItem(clean.outputs.get(layer)!, 0);
  const chosen = chooseChannels(activations, most).map(({ channel }) => channel);
  const asked: readonly Seed[] =
    weighting === 'prob'
      ? options.seeds.map((seed) => ({ ...seed, score: 'probability' }))
      : options.seeds;
  const seeds = resolveRanks(asked, batchItem(clean.logits, 0).data, pass.rule);

  const maskOf = channelMasks(activations, [height, width]);
  const scores = new Float32Array(chosen.length * seeds.length);
  let space: Float32Array | undefined;
  await runInBatches(chosen.length, options, async (start, count) => {
    // The first batch is the largest, so its memory serves all batches.
    space ??= new Float32Array(count * input.data.length);
    const show = (item: Float32Array, i: number): void =>
      showThrough(item, maskOf(chosen[start + i]!), input.data, hidden);
    const masked = fillBatch(input.shape.slice(1), count, show, space);
    const { logits } = await pass.run(masked, []);
    scores.set(scoreLogits(logits, seeds, pass.rule).data, start * seeds.length);
  });

  const baselineScores = new Float64Array(seeds.length);
  if (weighting === 'relu-increase') {
    options.signal?.throwIfAborted();
    const { logits } = await pass.run({ shape: input.shape, data: hidden }, []);
    baselineScores.set(scoreLogits(logits, seeds, pass.rule).data);
  }
  const weights = seeds.map((_, seedIndex) => {
    const ofSeed = Float64Array.from(chosen, (_, i) => scores[i * seeds.length + seedIndex]!);
    const weighed = weighScores(ofSeed, baselineScores[seedIndex]!, weighting);
    const all = new Float64Array(activations.shape.at(-1)!);
    chosen.forEach((channel, i) => (all[channel] = weighed[i]!));
    return all;
  });
  return {
    maps: weights.map((ofSeed) => weightChannels(activations, ofSeed)),
    weights,
    channels: chosen,
    scores: { shape: [chosen.length, seeds.length], data: scores },
    activations,
  };
}

function weighScores(
  scores: Float64Array,
  baselineScore: number,
  weighting: ScoreCamWeighting,
): Float64Array {
  if (weighting === 'softmax-logit') return softmax(scores);
  if (weighting === 'prob') return scores;
  return scores.map((score) => Math.max(0, score - baselineScore));
}

export const scoreCam: Method = {
  name: 'score-cam',
  title: 'Score-CAM',
  paper: 'https://arxiv.org/abs/1910.01279',
  summary: 'Channels weighted by the score of the image seen through each of them; no gradients.',
  cost: 'one forward run for each channel, or for as many as are asked for',
  map: 'grid',
  relu: true,
  usesLayer: true,
  passes: 'own',
  gradientFree: true,
  async explain({ session, input, runs, ...options }) {
    const pass = forwardPassOf(session);
    const { maps } = await computeScoreCam(pass, input, { ...options, channels: runs });
    return maps.map((map) => ({ map }));
  },
};
