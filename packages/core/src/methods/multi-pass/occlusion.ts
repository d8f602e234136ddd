import type { NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import { expandBaseline, type Baseline } from '../passes/baseline.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type BatchedRunOptions,
} from '../passes/batched-runs.ts';
import type { Predict } from '../passes/forward-pass.ts';

export interface OcclusionOptions extends BatchedRunOptions {
  /** Rows and columns of the window that is covered. */
  readonly patch: readonly [number, number];
  /** Steps between windows; default the patch, so that they do not overlap. */
  readonly stride?: readonly [number, number];
  /** What covers; default 0. */
  readonly baseline?: Baseline;
}

/** What each score loses by each window: small whatever the number of scores, see {@link occlusionMap}. */
export interface Occlusion {
  /** Height and width of the input. */
  readonly size: readonly [number, number];
  readonly patch: readonly [number, number];
  /** First row and first column of each window. */
  readonly windows: readonly (readonly [number, number])[];
  /** Scores of the whole input. */
  readonly scores: Float32Array;
  /** [windows, scores]: the score of the whole input minus that of the covered one. */
  readonly drops: NdArray;
}

/**
 * Covers one window of the input after the other and asks for the scores: one run of the model for
 * each window, whatever the number of scores.
 *
 * The last window of a row or column is moved back onto the image, so that every pixel is covered by
 * windows of one size.
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
 * The map of one score: each pixel has the mean drop of the windows that cover it.
 *
 * The mean, not the sum that some peers take: where windows overlap, the border is covered less often
 * and would look unimportant.
 *
 * @param score index of the score.
 * @returns [height, width], signed: negative where covering raises the score.
 */
export function occlusionMap(occlusion: Occlusion, score: number): NdArray {
  const { size, patch, windows, drops, scores } = occlusion;
  if (!Number.isInteger(score) || score < 0 || score >= scores.length) {
    throw new GradcamError('argument', `score ${score} is not in 0..${scores.length - 1}`);
  }
  const [height, width] = size;
  const sums = new Float64Array(height * width);
  const counts = new Float64Array(height * width);
  windows.forEach(([top, left], i) => {
    const drop = drops.data[i * scores.length + score]!;
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
