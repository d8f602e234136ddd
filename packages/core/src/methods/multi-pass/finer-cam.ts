import { batchItem, type NdArray } from '../../base/nd-array.ts';
import { checkCount, type BatchedRunOptions } from '../passes/batched-runs.ts';
import { joinInputs, type OtherInputs } from '../passes/forward-pass.ts';
import type { Session } from '../../engines/port/engine.ts';
import { resolveSeed, type Seed } from '../../engines/port/seed.ts';
import { GradcamError } from '../../base/errors.ts';
import { computeGradCam } from '../grid/grad-cam.ts';

/** What a class is compared with. */
export interface FinerContrast {
  /** How much of the similar classes is taken off: gamma, from 0 (Grad-CAM) on; default 0.6. */
  readonly strength?: number;
  /** Number of similar classes; default 3, or as many as there are. */
  readonly references?: number;
}

export interface FinerCamOptions extends FinerContrast, Omit<BatchedRunOptions, 'batch'> {
  /** Node that is explained. */
  readonly layer: string;
  /** Logits of classes, each with its own similar classes. */
  readonly seeds: readonly Seed[];
  /** Values [1, ..] of the model's other inputs. */
  readonly others?: OtherInputs;
}

/** Finer-CAM of one seed. */
export interface FinerCam {
  /** Raw map [rows, columns], before the ReLU. */
  readonly map: NdArray;
  /** The classes that it was compared with, the most similar first. */
  readonly references: readonly number[];
}

/**
 * Gradient at the logits of what Finer-CAM explains: z_c - gamma * mean of z_d over the classes d
 * whose logits are nearest to that of class c.
 *
 * A contrast names its own class to compare with: z_a - gamma * z_b. Nearness of logits stands for similarity, as in the programs of the authors and of peers. A model
 * with fewer other classes compares with those; with none, the score is z_c itself.
 *
 * @param seed of the logit of a class, a place of the ranking, the negative of a class, or a contrast.
 * @returns a number for each logit, and the classes d, the nearest first.
 * @throws GradcamError `argument` for a strength below 0 or a count below 1; `unsupported` for a
 *   function or a probability, which are no class's logit.
 * @see Zhang et al. 2025, arXiv 2501.11309, section 3
 */
export function computeFinerSeed(
  seed: Seed,
  logits: ArrayLike<number>,
  { strength = 0.6, references = 3 }: FinerContrast = {},
): { gradient: Float32Array; references: number[] } {
  checkCount('references', references);
  if (!(strength >= 0 && Number.isFinite(strength))) {
    throw new GradcamError('argument', `strength: expected at least 0, got ${strength}`);
  }
  if (seed.score !== 'logit' || 'scalar' in seed.of || 'direction' in seed.of) {
    throw new GradcamError(
      'unsupported',
      'finer-cam compares a class with similar ones by itself: give it a class, topN, not:<class> or <a>:<b>; for a function of the scores use grad-cam',
    );
  }
  const { classIndex, gradient } = resolveSeed(seed, logits, { activation: 'linear' });
  if ('contrast' in seed.of) {
    const [, than] = seed.of.contrast;
    if (than !== classIndex) gradient[than] = -strength;
    return { gradient, references: [than] };
  }
  const sign = gradient[classIndex]!;
  const distance = (index: number): number => Math.abs(logits[index]! - logits[classIndex]!);
  const nearest = Array.from(logits, (_, index) => index)
    .filter((index) => index !== classIndex)
    .sort((a, b) => distance(a) - distance(b) || a - b)
    .slice(0, references);
  for (const index of nearest) gradient[index] = (-sign * strength) / nearest.length;
  return { gradient, references: nearest };
}

/**
 * Finer-CAM: Grad-CAM of the difference between a class and the classes most like it, so that what
 * they share does not count. With strength 0 it is Grad-CAM.
 *
 * @param input [1, height, width, channels].
 * @returns one for each seed, all from one forward run for the logits and one for the gradients.
 * @throws as {@link computeFinerSeed}.
 */
export async function computeFinerCam(
  session: Session,
  input: NdArray,
  options: FinerCamOptions,
): Promise<FinerCam[]> {
  const { layer, seeds, others, signal, onProgress } = options;
  signal?.throwIfAborted();
  const inputs = joinInputs(session, input, others);
  const { logits } = await session.run({ inputs, outputs: [] });
  signal?.throwIfAborted();
  onProgress?.({ done: 1, total: 2 });
  const settled = seeds.map((seed) => computeFinerSeed(seed, batchItem(logits, 0).data, options));
  const gradient = {
    seeds: settled.map((one) => one.gradient),
    wrt: [layer],
    relu: 'plain',
  } as const;
  const result = await session.run({ inputs, outputs: [layer], gradient });
  signal?.throwIfAborted();
  onProgress?.({ done: 2, total: 2 });
  const activations = batchItem(result.outputs.get(layer)!, 0);
  return settled.map(({ references }, s) => ({
    map: computeGradCam({
      activations,
      gradients: batchItem(result.gradients[s]!.get(layer)!, 0),
    }),
    references,
  }));
}
