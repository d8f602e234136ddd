import { batchItem, type NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import type { Session } from '../../engines/port/engine.ts';
import { resolveSeed, type Seed } from '../../engines/port/seed.ts';
import { computeGradCam } from '../grid/grad-cam.ts';
import type { Method } from '../method.ts';
import { checkCount, type SeededRunOptions } from '../passes/batched-runs.ts';
import { imageInput } from '../passes/forward-pass.ts';
import { valuesAtLayer } from '../passes/seed-gradients.ts';

/** Which classes a class is compared with, and how strongly. */
export interface FinerContrast {
  /** The share gamma of the similar classes that is subtracted, at least 0; default 0.6. 0 gives Grad-CAM. */
  readonly strength?: number;
  /** Number of similar classes; default 3, or all other classes where there are fewer. */
  readonly references?: number;
}

/** The seeds are logits of classes; each class has its own similar classes. */
export interface FinerCamOptions extends FinerContrast, Omit<SeededRunOptions, 'batch'> {
  /** Name of the node that is explained. */
  readonly layer: string;
}

/** Finer-CAM of one seed. */
export interface FinerCam {
  /** Raw map [rows, columns], before the ReLU. */
  readonly map: NdArray;
  /** The classes that the explained class was compared with, the most similar first. */
  readonly references: readonly number[];
}

/**
 * The gradient, at the logits, of the score that Finer-CAM explains: z_c - gamma * mean of z_d over the
 * classes d whose logits are nearest to the logit of class c.
 *
 * A contrast names the class to compare with, so its score is z_a - gamma * z_b. Near logits stand for
 * similar classes, as in the programs of the authors and of other libraries. A model with fewer other
 * classes compares with those. With none, the score is z_c alone.
 *
 * @param seed the logit of a class, of a rank, of the negative of a class, or of a contrast.
 * @returns one number for each logit, and the classes d, the nearest first.
 * @throws GradcamError `argument` for a strength below 0 or a count below 1; `unsupported` for a
 *   function of the scores or a probability, which is not the logit of a class.
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
 * Finer-CAM: Grad-CAM of the difference between a class and the classes most like it, so that their
 * common features do not count. With strength 0 it is Grad-CAM.
 *
 * @param input [1, height, width, channels].
 * @returns one result for each seed, all from one forward pass for the logits and one for the gradients.
 * @throws as {@link computeFinerSeed}.
 */
export async function computeFinerCam(
  session: Session,
  input: NdArray,
  options: FinerCamOptions,
): Promise<FinerCam[]> {
  const { layer, seeds, signal, onProgress } = options;
  signal?.throwIfAborted();
  const { logits } = await session.run({ inputs: imageInput(session, input), outputs: [] });
  signal?.throwIfAborted();
  onProgress?.({ done: 1, total: 2 });
  const contrasts = seeds.map((seed) => computeFinerSeed(seed, batchItem(logits, 0).data, options));
  const gradients = contrasts.map(({ gradient }) => gradient);
  const values = await valuesAtLayer(session, layer, input, gradients);
  signal?.throwIfAborted();
  onProgress?.({ done: 2, total: 2 });
  return contrasts.map(({ references }, seedIndex) => ({
    map: computeGradCam(values[seedIndex]!),
    references,
  }));
}

export const finerCam: Method = {
  name: 'finer-cam',
  aliases: ['finercam'],
  title: 'Finer-CAM',
  paper: 'https://arxiv.org/abs/2501.11309',
  summary: 'Grad-CAM of what sets the class apart from the three classes most like it.',
  cost: 'as Grad-CAM, and a forward run for the scores',
  map: 'grid',
  relu: true,
  usesLayer: true,
  passes: 'own',
  explain: ({ session, input, ...options }) => computeFinerCam(session, input, options),
};
