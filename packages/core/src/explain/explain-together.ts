import type { PreparedInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { GradcamError } from '../base/errors.ts';
import { joinRuns } from '../engines/port/join-runs.ts';
import type { MethodProgress } from '../methods/explain-each.ts';
import type { Model } from '../model/description.ts';
import { checkExplainOptions } from './check-options.ts';
import { explain } from './explain.ts';
import type { ImageExplanation } from './explanation.ts';
import type { ExplainOptions } from './options.ts';
import { runsAlone } from './runs-alone.ts';

/** Options of {@link explainTogether}. */
export interface TogetherOptions extends Omit<ExplainOptions, 'onProgress'> {
  /** As for one image; `image` is its place among the images. */
  readonly onProgress?: (progress: MethodProgress, image: number) => void;
  /** For a model that answers questions: one about each image, in their order, in place of `question`. */
  readonly questions?: readonly string[];
}

/**
 * Explains several images in the same passes of the model, with the results that {@link explain} gives for
 * each alone. Each image keeps its own size, targets and failures. One pass over eight images takes an engine
 * less time than eight passes.
 *
 * The images run one after the other where one pass over several may give other results. The memory for
 * activations grows with the number of images: {@link chooseBatch} recommends one.
 *
 * @param images all are held in memory at the same time.
 * @returns for each image its explanations, or the error with which `explain` fails for it.
 * @throws GradcamError `argument` for an unknown option or an option of the wrong type, and for questions of
 *   another number than the images.
 */
export async function explainTogether(
  model: Model,
  images: readonly (RgbImage | PreparedInput)[],
  { onProgress, questions, ...options }: TogetherOptions = {},
): Promise<PromiseSettledResult<ImageExplanation>[]> {
  if (questions !== undefined && questions.length !== images.length) {
    throw new GradcamError(
      'argument',
      `questions: expected one for each of ${images.length} images, got ${questions.length}`,
    );
  }
  const optionsOf = (image: number): ExplainOptions => ({
    ...options,
    ...(questions !== undefined && { question: questions[image]! }),
    ...(onProgress && { onProgress: (progress) => onProgress(progress, image) }),
  });
  checkExplainOptions(optionsOf(0));
  if (images.length === 1 || runsAlone(model) !== null) {
    const results: PromiseSettledResult<ImageExplanation>[] = [];
    for (const [i, image] of images.entries()) {
      results.push(...(await Promise.allSettled([explain(model, image, optionsOf(i))])));
    }
    return results;
  }
  const joined = joinRuns(model.session, images.length);
  try {
    return await Promise.allSettled(
      images.map(async (image, i) => {
        try {
          return await explain({ ...model, session: joined.sessions[i]! }, image, optionsOf(i));
        } finally {
          joined.leave();
        }
      }),
    );
  } finally {
    joined.dispose();
  }
}
