import { countClasses, mainHead, type ModelDescription } from '@gradcam/core';
import type { GroundTruth, ImageQuestions } from '@gradcam/runs';
import { readQuestions } from '../../inputs/questions.ts';
import { readTruth } from '../../inputs/truth.ts';
import type { ExplainFlags } from './flags.ts';

/** What tables say of the images of a run. */
export interface ImageTables {
  /** True classes, or the answers beside the questions; null where nothing states them. */
  readonly truth: GroundTruth | null;
  readonly questions: ImageQuestions | undefined;
}

/**
 * Reads the tables that the flags name: of true classes, or of questions.
 *
 * @param note gets a line about rows that are not used.
 */
export async function openTables(
  { truth, questions }: Pick<ExplainFlags, 'truth' | 'questions'>,
  images: readonly string[],
  model: ModelDescription,
  note: (text: string) => void,
): Promise<ImageTables> {
  if (questions !== undefined) {
    const { unused, ...tables } = await readQuestions(questions, images, model);
    if (unused > 0) {
      const rows = unused === 1 ? '1 row is' : `${unused} rows are`;
      note(`--questions ${questions}: ${rows} about images that are not in this run`);
    }
    return tables;
  }
  if (truth === undefined) return { truth: null, questions: undefined };
  const count = countClasses(mainHead(model.network));
  const found = await readTruth(truth, images, model.classNames, count);
  return { truth: found, questions: undefined };
}
