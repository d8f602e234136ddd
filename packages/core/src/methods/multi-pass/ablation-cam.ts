import { batchItem, type NdArray } from '../../base/nd-array.ts';
import { GradcamError, isGradcamError } from '../../base/errors.ts';
import type { RunRequest, RunResult, Session } from '../../engines/port/engine.ts';
import { hasMeanAndLinearHead } from '../../network/linear-head.ts';
import { mainHead } from '../../network/network.ts';
import { indexNodes, listAncestors } from '../../network/walk-graph.ts';
import { sumCells, sumProductsOverCells, weightChannels } from '../grid/map-algebra.ts';
import type { Method } from '../method.ts';
import {
  DEFAULT_BATCH,
  fillBatch,
  repeatItem,
  runInBatches,
  type SeededRunOptions,
} from '../passes/batched-runs.ts';
import { imageInput, resolveRanks, scoreLogits } from '../passes/forward-pass.ts';
import { cellsAt } from '../passes/layer-cells.ts';

export interface AblationCamOptions extends SeededRunOptions {
  /** Name of the node whose channels are set to 0, one at a time. */
  readonly layer: string;
  /**
   * `auto` (the default) uses the closed form if only a mean and a linear layer follow, which needs one
   * gradient and no further pass. `replay` always runs the layers after the explained one.
   */
  readonly tail?: 'auto' | 'replay';
  /** The value to which a channel is set, from the layer's values; default 0. */
  readonly silencer?: (value: NdArray) => number;
}

/** Ablation-CAM of each seed. */
export interface AblationCam {
  /** Raw maps [rows, columns], before the ReLU, one for each seed. */
  readonly maps: readonly NdArray[];
  /** For each seed, one weight for each channel. */
  readonly weights: readonly Float64Array[];
  /** For each seed, its score of the whole input. */
  readonly scores: Float64Array;
  /** [rows, columns, channels] of the layer. */
  readonly activations: NdArray;
  /** Whether the closed form was used. */
  readonly closedForm: boolean;
}

/** The batch size of passes that start at the layer. They are small beside a pass of the whole model. */
const TAIL_BATCH = 32;

/**
 * Ablation-CAM: L = sum_k w_k A_k with w_k = (y - y_k) / |y|, where y_k is the score with channel k set to
 * 0. The display applies the paper's ReLU.
 *
 * The paper divides by y. A negative y would change every sign, so that a channel which the score needs
 * would count against the class. Divided by |y|, a positive weight always means that the score needs
 * the channel. Where y is 0, the drops are not divided.
 *
 * Only the layers after the explained one run again. If that is the mean over the grid and one linear layer,
 * y - y_k = sum_p g_k(p) A_k(p) holds exactly, and one gradient is enough. A channel that is zero
 * everywhere changes nothing, so it gets no pass. At a layer of tokens, a channel is set to 0 in every
 * token, also in tokens that are not cells of the picture.
 *
 * @param input [1, height, width, channels].
 * @throws GradcamError `unsupported` where a shortcut bypasses the layer and the session cannot take the
 *   layer's value and the input together.
 * @see Desai and Ramaswamy 2020 (WACV)
 */
export async function computeAblationCam(
  session: Session,
  input: NdArray,
  options: AblationCamOptions,
): Promise<AblationCam> {
  const { layer, tail = 'auto', silencer, signal } = options;
  const { network } = session;
  const head = mainHead(network);
  const isLogit = options.seeds.every(({ score, of }) => score === 'logit' && !('scalar' in of));
  const closedForm =
    tail === 'auto' && silencer === undefined && isLogit && hasMeanAndLinearHead(network, layer);

  signal?.throwIfAborted();
  const gradient = { seeds: options.seeds, wrt: [layer], relu: 'plain' } as const;
  const clean = await session.run({
    inputs: imageInput(session, input),
    outputs: [layer],
    ...(closedForm && { gradient }),
  });
  signal?.throwIfAborted();
  const value = clean.outputs.get(layer)!;
  const activations = batchItem(cellsAt(network, layer, value), 0);
  const seeds = resolveRanks(options.seeds, batchItem(clean.logits, 0).data, head);
  const scores = Float64Array.from(scoreLogits(clean.logits, seeds, head).data);
  const drops = closedForm
    ? clean.gradients.map((ofSeed) =>
        sumProductsOverCells(
          activations,
          batchItem(cellsAt(network, layer, ofSeed.get(layer)!), 0),
        ),
      )
    : await replayTail({
        session,
        input,
        value: batchItem(value, 0),
        scores,
        options: { ...options, seeds },
      });
  const weights = drops.map((drop, seedIndex) => {
    const size = Math.abs(scores[seedIndex]!) || 1;
    return drop.map((value) => value / size);
  });
  const maps = weights.map((ofSeed) => weightChannels(activations, ofSeed));
  return { maps, weights, scores, activations, closedForm };
}

interface TailReplay {
  readonly session: Session;
  readonly input: NdArray;
  /** The layer's value; for a layer of tokens, the values of all tokens. */
  readonly value: NdArray;
  /** Scores of the whole input. */
  readonly scores: Float64Array;
  /** Seeds that asked for a rank, such as the top class, ask for the class of that rank here. */
  readonly options: AblationCamOptions;
}

/** For each seed, the part of the score that is lost without each channel. */
async function replayTail(replay: TailReplay): Promise<Float64Array[]> {
  const { session, input, value, scores, options } = replay;
  const { layer, seeds, silencer } = options;
  const head = mainHead(session.network);
  const channels = value.shape.at(-1)!;
  const magnitudes = sumCells(value, Math.abs);
  const silence = silencer?.(value) ?? 0;
  const alive = Array.from(magnitudes.keys()).filter((k) => silence !== 0 || magnitudes[k]! > 0);
  const drops = seeds.map(() => new Float64Array(channels));
  const isCut = isCutBy(session, layer);
  const { batch = isCut ? TAIL_BATCH : DEFAULT_BATCH } = options;
  await runInBatches(alive.length, { ...options, batch }, async (start, count) => {
    const without = fillBatch(value.shape, count, (item, i) => {
      item.set(value.data);
      for (let j = alive[start + i]!; j < item.length; j += channels) item[j] = silence;
    });
    const from = { layer, value: without };
    const { logits } = isCut
      ? await session.run({ from, outputs: [] })
      : await resumeBeside(session, repeatItem(input, count), from);
    const { data } = scoreLogits(logits, seeds, head);
    for (let i = 0; i < count; i++) {
      drops.forEach((ofSeed, seedIndex) => {
        const score = data[i * seeds.length + seedIndex]!;
        ofSeed[alive[start + i]!] = scores[seedIndex]! - score;
      });
    }
  });
  return drops;
}

/** Whether every path from the inputs to the scores leads through the layer. */
function isCutBy({ network }: Session, layer: string): boolean {
  const needed = listAncestors([mainHead(network).logits], indexNodes(network), new Set([layer]));
  return !network.inputs.some((input) => needed.has(input));
}

/** A pass with a given value of the layer, in which the paths that bypass it start at the input. */
async function resumeBeside(
  session: Session,
  inputs: NdArray,
  from: NonNullable<RunRequest['from']>,
): Promise<RunResult> {
  try {
    return await session.run({ inputs: imageInput(session, inputs), from, outputs: [] });
  } catch (cause) {
    if (!isGradcamError(cause, 'argument')) throw cause;
    throw new GradcamError(
      'unsupported',
      `ablation-cam: a shortcut leads past layer ${from.layer}, so the scores cannot be computed from its value alone; choose the layer where the paths join, or one before they part`,
      { cause },
    );
  }
}

export const ablationCam: Method = {
  name: 'ablation-cam',
  title: 'Ablation-CAM',
  paper:
    'https://openaccess.thecvf.com/content_WACV_2020/html/Desai_Ablation-CAM_Visual_Explanations_for_Deep_Convolutional_Network_via_Gradient-free_Localization_WACV_2020_paper.html',
  summary: 'Channels weighted by what the score loses without each of them.',
  cost: 'one run of the layers behind for each channel; nothing where those are a mean and one linear layer',
  map: 'grid',
  relu: true,
  usesLayer: true,
  passes: 'own',
  gradientFree: true,
  async explain({ session, input, ...options }) {
    const { maps } = await computeAblationCam(session, input, options);
    return maps.map((map) => ({ map }));
  },
};
