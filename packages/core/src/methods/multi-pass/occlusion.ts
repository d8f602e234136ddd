import type { NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import type { Method } from '../method.ts';
import { expandBaseline, type Baseline } from '../passes/baseline.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type BatchedRunOptions,
} from '../passes/batched-runs.ts';
import { createPredict, forwardPassOf, type Predict } from '../passes/forward-pass.ts';
import { scoreInput } from '../passes/seed-gradients.ts';

export interface OcclusionOptions extends BatchedRunOptions {
  /** Rows and columns of the window that is covered. */
  readonly patch: readonly [number, number];
  /** Rows and columns from one window to the next; default the patch, so that windows do not overlap. */
  readonly stride?: readonly [number, number];
  /** The values that cover a window; default 0. */
  readonly baseline?: Baseline;
}

/**
 * How much each score drops when each window is covered. The record stays small whatever the number of
 * scores; {@link occlusionMap} makes a map of one score from it.
 */
export interface Occlusion {
  /** Height and width of the input. */
  readonly size: readonly [number, number];
  /** Rows and columns of a window. */
  readonly patch: readonly [number, number];
  /** First row and first column of each window. */
  readonly windows: readonly (readonly [number, number])[];
  /** Scores of the whole input. */
  readonly scores: Float32Array;
  /** [windows, scores]: the score of the whole input minus that of the covered one. */
  readonly drops: NdArray;
}

/**
 * Covers one window of the input after the other and computes the scores: one input for each window,
 * whatever the number of scores.
 *
 * The last window of a row or column is moved back onto the image, so that all windows have one size
 * and together cover every pixel.
 *
 * @param input [1, height, width, channels].
 * @throws GradcamError `argument` for a patch larger than the input or a stride that leaves gaps.
 * @see Zeiler and Fergus 2014, arXiv 1311.2901, section 4.2
 */
export async function computeOcclusion(
  predict: Predict,
  input: NdArray,
  options: OcclusionOptions,
): Promise<Occlusion> {
  const [height, width, channels] = imageSize(input);
  const { patch, stride = patch, baseline = 0 } = options;
  const cover = expandBaseline(baseline, input.shape);
  const rows = placeWindows('rows', height, patch[0], stride[0]);
  const columns = placeWindows('columns', width, patch[1], stride[1]);
  const windows = rows.flatMap((row) => columns.map((column) => [row, column] as const));

  options.signal?.throwIfAborted();
  const { data: scores } = await predict(input);
  const drops = new Float32Array(windows.length * scores.length);
  await runInBatches(windows.length, options, async (start, count) => {
    const covered = fillBatch(input.shape.slice(1), count, (item, i) => {
      const [top, left] = windows[start + i]!;
      item.set(input.data);
      for (let y = top; y < top + patch[0]; y++) {
        const from = (y * width + left) * channels;
        const to = from + patch[1] * channels;
        item.set(cover.subarray(from, to), from);
      }
    });
    const { data } = await predict(covered);
    data.forEach((score, i) => {
      drops[start * scores.length + i] = scores[i % scores.length]! - score;
    });
  });
  return {
    size: [height, width],
    patch: [patch[0], patch[1]],
    windows,
    scores: Float32Array.from(scores),
    drops: { shape: [windows.length, scores.length], data: drops },
  };
}

/**
 * The map of one score: each pixel has the mean drop over the windows that cover it.
 *
 * Some libraries take the sum. Where windows overlap, fewer of them cover the border, so a sum would
 * make the border look unimportant.
 *
 * @param scoreIndex index of the score in `occlusion.scores`.
 * @returns [height, width], signed: negative where covering raises the score.
 * @throws GradcamError `argument` for an index that is out of range.
 */
export function occlusionMap(occlusion: Occlusion, scoreIndex: number): NdArray {
  const { size, patch, windows, drops, scores } = occlusion;
  if (!Number.isInteger(scoreIndex) || scoreIndex < 0 || scoreIndex >= scores.length) {
    throw new GradcamError('argument', `score ${scoreIndex} is not in 0..${scores.length - 1}`);
  }
  const [height, width] = size;
  const sums = new Float64Array(height * width);
  const counts = new Float64Array(height * width);
  windows.forEach(([top, left], i) => {
    const drop = drops.data[i * scores.length + scoreIndex]!;
    for (let y = top; y < top + patch[0]; y++) {
      for (let x = left; x < left + patch[1]; x++) {
        sums[y * width + x]! += drop;
        counts[y * width + x]! += 1;
      }
    }
  });
  return { shape: [height, width], data: Float32Array.from(sums, (sum, i) => sum / counts[i]!) };
}

function placeWindows(axis: string, length: number, patch: number, stride: number): number[] {
  checkCount(`patch ${axis}`, patch);
  checkCount(`stride ${axis}`, stride);
  if (patch > length || stride > patch) {
    throw new GradcamError(
      'argument',
      `occlusion ${axis}: expected stride <= patch <= ${length}, the input's, got stride ${stride} and patch ${patch}`,
    );
  }
  const last = length - patch;
  const count = Math.ceil(last / stride) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * stride, last));
}

/** Windows along the shorter side: an image of 224 pixels has windows of 32, in steps of 16. */
const WINDOWS = 7;

export const occlusion: Method = {
  name: 'occlusion',
  title: 'Occlusion',
  paper: 'https://arxiv.org/abs/1311.2901',
  summary: 'What the score loses when a window of the image is covered.',
  cost: 'one forward run for each window, 169 for an image of 224 pixels',
  map: 'grid',
  relu: true,
  usesLayer: false,
  passes: 'own',
  gradientFree: true,
  async explain({ session, input, ...options }) {
    const [height, width] = imageSize(input);
    const side = Math.max(1, Math.round(Math.min(height, width) / WINDOWS));
    const step = Math.ceil(side / 2);
    const { seeds } = await scoreInput(session, input, options);
    const predict = createPredict(forwardPassOf(session), seeds);
    const found = await computeOcclusion(predict, input, {
      ...options,
      patch: [side, side],
      stride: [step, step],
    });
    return seeds.map((_, seedIndex) => ({ map: occlusionMap(found, seedIndex) }));
  },
};
