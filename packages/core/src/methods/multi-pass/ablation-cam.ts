import { batchItem, type NdArray } from '../../base/nd-array.ts';
import {
  DEFAULT_BATCH,
  fillBatch,
  runInBatches,
  type BatchedRunOptions,
} from '../passes/batched-runs.ts';
import { joinInputs, scoreLogits, settleSeeds, type OtherInputs } from '../passes/forward-pass.ts';
import type { RunRequest, RunResult, Session } from '../../engines/port/engine.ts';
import type { Seed } from '../../engines/port/seed.ts';
import { GradcamError, isGradcamError } from '../../base/errors.ts';
import { sumCells, sumProductsOverCells, weightChannels } from '../grid/map-algebra.ts';
import { hasMeanAndLinearHead } from '../../network/linear-head.ts';
import { mainHead } from '../../network/network.ts';
import { indexNodes, listAncestors } from '../../network/walk-graph.ts';

export interface AblationCamOptions extends BatchedRunOptions {
  /** Node whose channels are taken away. */
  readonly layer: string;
  /** What is explained: a map each, all from the same runs. */
  readonly seeds: readonly Seed[];
  /** `auto` computes a linear tail's answer from its gradient, without any further run. */
  readonly tail?: 'auto' | 'replay';
  /** Values [1, ..] of the model's other inputs. */
  readonly others?: OtherInputs;
}

/** Ablation-CAM of each seed. */
export interface AblationCam {
  /** Raw maps [rows, columns], before the ReLU. */
  readonly maps: readonly NdArray[];
  /** For each seed a weight for each channel. */
  readonly weights: readonly Float64Array[];
  /** For each seed its score of the whole input. */
  readonly scores: Float64Array;
  readonly activations: NdArray;
  /** Whether the closed form was used. */
  readonly closedForm: boolean;
}

/** Values for one replay of a tail, which is small beside a run of the whole model. */
const TAIL_BATCH = 32;

/**
 * Ablation-CAM: L = sum_k w_k A_k with w_k = (y - y_k) / |y|, y_k the score with channel k set to 0;
 * the paper's ReLU is left to the display.
 *
 * The paper divides by y. For a negative score that turns every sign, so that a channel whose loss
 * lowers the score would count against the class; by |y| a positive weight always means "the score
 * needs it". Where y is 0 the drops stand undivided.
 *
 * Only what lies behind the layer runs again. Where that is the mean over the grid and one linear
 * layer, y - y_k = sum_p g_k(p) A_k(p) exactly, from one gradient; and a channel that is zero
 * everywhere needs no run to know that it changes nothing.
 *
 * @param input [1, ..] of the input that is explained.
 * @throws GradcamError `unsupported` where a shortcut passes by the layer, so that the scores need the
 *   inputs too, and the session cannot take both.
 * @see Desai and Ramaswamy 2020 (WACV)
 */
export async function computeAblationCam(
  session: Session,
  input: NdArray,
  options: AblationCamOptions,
): Promise<AblationCam> {
  const { layer, tail = 'auto', signal } = options;
  const { network } = session;
  const head = mainHead(network);
  const isLogit = options.seeds.every(({ score, of }) => score === 'logit' && !('scalar' in of));
  const closedForm = tail === 'auto' && isLogit && hasMeanAndLinearHead(network, layer);

  signal?.throwIfAborted();
  const gradient = { seeds: options.seeds, wrt: [layer], relu: 'plain' } as const;
  const clean = await session.run({
    inputs: joinInputs(session, input, options.others),
    outputs: [layer],
    ...(closedForm ? { gradient } : {}),
  });
  signal?.throwIfAborted();
  const activations = batchItem(clean.outputs.get(layer)!, 0);
  const seeds = settleSeeds(options.seeds, batchItem(clean.logits, 0).data, head);
  const scores = Float64Array.from(scoreLogits(clean.logits, seeds, head).data);
  const drops = closedForm
    ? clean.gradients.map((found) => sumProducts(activations, batchItem(found.get(layer)!, 0)))
    : await replayTail(session, input, activations, seeds, scores, options);
  const weights = drops.map((drop, s) => {
    const size = Math.abs(scores[s]!) || 1;
    return drop.map((value) => value / size);
  });
  const maps = weights.map((own) => weightChannels(activations, own));
  return { maps, weights, scores, activations, closedForm };
}

/** For each seed, what the score loses without each channel. */
async function replayTail(
  session: Session,
  input: NdArray,
  activations: NdArray,
  seeds: readonly Seed[],
  scores: Float64Array,
  options: AblationCamOptions,
): Promise<Float64Array[]> {
  const head = mainHead(session.network);
  const channels = activations.shape.at(-1)!;
  const magnitudes = sumCells(activations, Math.abs);
  const alive = Array.from(magnitudes.keys()).filter((k) => magnitudes[k]! > 0);
  const drops = seeds.map(() => new Float64Array(channels));
  const isCut = isCutBy(session, options.layer);
  const { batch = isCut ? TAIL_BATCH : DEFAULT_BATCH } = options;
  await runInBatches(alive.length, { ...options, batch }, async (start, count) => {
    const value = fillBatch(activations.shape, count, (item, i) => {
      item.set(activations.data);
      for (let j = alive[start + i]!; j < item.length; j += channels) item[j] = 0;
    });
    const from = { layer: options.layer, value };
    const { logits } = isCut
      ? await session.run({ from, outputs: [] })
      : await resumeBeside(session, repeatItem(input, count), from, options.others);
    const { data } = scoreLogits(logits, seeds, head);
    for (let i = 0; i < count; i++) {
      drops.forEach((own, s) => {
        own[alive[start + i]!] = scores[s]! - data[i * seeds.length + s]!;
      });
    }
  });
  return drops;
}

function sumProducts(activations: NdArray, gradients: NdArray): Float64Array {
  return sumProductsOverCells(activations, gradients);
}

/** Whether all paths to the scores lead through the layer. */
function isCutBy({ network }: Session, layer: string): boolean {
  const needed = listAncestors([mainHead(network).logits], indexNodes(network), new Set([layer]));
  return !network.inputs.some((input) => needed.has(input));
}

function repeatItem({ shape, data }: NdArray, count: number): NdArray {
  return fillBatch(shape.slice(1), count, (item) => item.set(data));
}

/** A run with a layer's value given, in which the paths beside it start at the inputs as ever. */
async function resumeBeside(
  session: Session,
  inputs: NdArray,
  from: NonNullable<RunRequest['from']>,
  others: OtherInputs | undefined,
): Promise<RunResult> {
  try {
    return await session.run({ inputs: joinInputs(session, inputs, others), from, outputs: [] });
  } catch (cause) {
    if (!isGradcamError(cause, 'argument')) throw cause;
    throw new GradcamError(
      'unsupported',
      `ablation-cam: a shortcut leads past layer ${from.layer}, so the scores cannot be computed from its value alone; choose the layer where the paths join, or one before they part`,
      { cause },
    );
  }
}
