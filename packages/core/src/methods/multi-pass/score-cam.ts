import { batchItem, type NdArray } from '../../base/nd-array.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type BatchedRunOptions,
} from '../passes/batched-runs.ts';
import { expandBaseline, type Baseline } from '../passes/baseline.ts';
import { showThrough } from '../passes/show-through.ts';
import { scoreLogits, settleSeeds, type ForwardPass } from '../passes/forward-pass.ts';
import { softmax } from '../../engines/port/probabilities.ts';
import type { Seed } from '../../engines/port/seed.ts';
import { weightChannels } from '../grid/map-algebra.ts';
import { channelMasks, chooseChannels } from './score-cam-masks.ts';

/**
 * How scores become weights of channels:
 * - `softmax-logit`: softmax over the channels of the seed's score, as the paper normalises and
 *   most peers do. Nearly one channel where logits spread.
 * - `prob`: the probability itself, as the authors' program.
 * - `relu-increase`: how much the score is above that of the baseline, where it is: the paper's
 *   channel-wise increase of confidence f(X * H_k) - f(X_b), cut at 0.
 */
export type ScoreCamWeighting = 'softmax-logit' | 'prob' | 'relu-increase';

export interface ScoreCamOptions extends BatchedRunOptions {
  /** Node whose channels are the masks. */
  readonly layer: string;
  /** What is explained: a map each, all from the same runs. */
  readonly seeds: readonly Seed[];
  readonly weighting?: ScoreCamWeighting;
  /** Only so many channels, those of the largest standard deviation; default all. */
  readonly channels?: number;
  /** What shows where a mask hides; default 0. */
  readonly baseline?: Baseline;
}

/** Score-CAM of each seed. */
export interface ScoreCam {
  /** Raw maps [rows, columns], before the ReLU. */
  readonly maps: readonly NdArray[];
  /** For each seed a weight for each channel of the layer; 0 for one that had no run. */
  readonly weights: readonly Float64Array[];
  /** The channels that had a run, in the order of their runs. */
  readonly channels: readonly number[];
  /** [channels, seeds]: scores of the masked inputs. */
  readonly scores: NdArray;
  readonly activations: NdArray;
}

/**
 * Score-CAM: L = sum_k w_k A_k with w_k from the score of the input seen through channel k; the
 * paper's ReLU is left to the display. One run of the model for each channel.
 *
 * @param input [1, height, width, channels].
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
  const seeds = settleSeeds(asked, batchItem(clean.logits, 0).data, pass.rule);

  const maskOf = channelMasks(activations, height, width);
  const scores = new Float32Array(chosen.length * seeds.length);
  let space: Float32Array | undefined;
  await runInBatches(chosen.length, options, async (start, count) => {
    // The first batch is the largest.
    space ??= new Float32Array(count * input.data.length);
    const show = (item: Float32Array, i: number): void =>
      showThrough(item, maskOf(chosen[start + i]!), input.data, hidden);
    const masked = fillBatch(input.shape.slice(1), count, show, space);
    const { logits } = await pass.run(masked, []);
    scores.set(scoreLogits(logits, seeds, pass.rule).data, start * seeds.length);
  });

  const nothing = new Float64Array(seeds.length);
  if (weighting === 'relu-increase') {
    options.signal?.throwIfAborted();
    const { logits } = await pass.run({ shape: input.shape, data: hidden }, []);
    nothing.set(scoreLogits(logits, seeds, pass.rule).data);
  }
  const weights = seeds.map((_, s) => {
    const own = Float64Array.from(chosen, (_, i) => scores[i * seeds.length + s]!);
    const weighed = weighScores(own, nothing[s]!, weighting);
    const all = new Float64Array(activations.shape.at(-1)!);
    chosen.forEach((channel, i) => (all[channel] = weighed[i]!));
    return all;
  });
  return {
    maps: weights.map((own) => weightChannels(activations, own)),
    weights,
    channels: chosen,
    scores: { shape: [chosen.length, seeds.length], data: scores },
    activations,
  };
}

function weighScores(
  scores: Float64Array,
  nothing: number,
  weighting: ScoreCamWeighting,
): Float64Array {
  if (weighting === 'softmax-logit') return softmax(scores);
  if (weighting === 'prob') return scores;
  return scores.map((score) => Math.max(0, score - nothing));
}
