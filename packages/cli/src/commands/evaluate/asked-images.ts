import { prepareText, type ModelDescription } from '@gradcam/core';
import type { AskedImage } from '@gradcam/runs';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import { readQuestions } from '../../inputs/questions.ts';
import type { TakenImages } from './take-images.ts';

/** The flags that state questions. */
export interface QuestionFlags {
  readonly ask?: string;
  readonly questions?: string;
}

/**
 * Lists what is evaluated: each image, for a model that answers questions as often as it is asked something.
 * Questions come from a flag, or else from the run whose images are taken.
 *
 * @param note gets a line about rows and answers of the table that are not used.
 * @throws CommandError 64 for a model that needs a question and got none, and for a question to a model that
 *   takes none; as {@link readQuestions}.
 */
export async function listAsked(
  { images, run }: TakenImages,
  { ask, questions }: QuestionFlags,
  model: ModelDescription,
  note: (text: string) => void,
): Promise<readonly AskedImage[]> {
  const flag = ask !== undefined ? '--ask' : '--questions';
  if (ask !== undefined && questions !== undefined) {
    throw new CommandError(
      exitCodes.usage,
      '--ask and --questions exclude each other: a question about every image, or a table of questions; give one',
    );
  }
  if (model.text?.role !== 'question') {
    if (ask === undefined && questions === undefined) return images.map((image) => ({ image }));
    throw new CommandError(exitCodes.usage, `${flag}: ${model.id} answers no questions`);
  }
  if (questions !== undefined) {
    const table = await readQuestions(questions, images, model);
    if (table.unused > 0) {
      const rows = table.unused === 1 ? '1 row is' : `${table.unused} rows are`;
      note(`--questions ${questions}: ${rows} about images that are not evaluated`);
    }
    if (table.truth !== null) {
      note(
        `--questions ${questions}: its answers are not used; --target says whose map is measured, by default that of the model's own answer`,
      );
    }
    return askEach(images, table.questions.find);
  }
  if (ask !== undefined) {
    checkQuestion(model, ask);
    return askEach(images, () => [ask]);
  }
  const asked = askEach(images, (image) => run?.questions.get(image) ?? []);
  if (asked.length > 0) return asked;
  throw new CommandError(
    exitCodes.usage,
    `${model.id} answers questions; give --ask "<question>" or --questions <csv>, or a run whose images were asked about`,
  );
}

function askEach(
  images: readonly string[],
  find: (image: string) => readonly string[],
): readonly AskedImage[] {
  return images.flatMap((image) => find(image).map((question) => ({ image, question })));
}

function checkQuestion(model: ModelDescription, question: string): void {
  try {
    prepareText(model, { question });
  } catch (cause) {
    const message = (cause as Error).message.replace(/^question: /, '');
    throw new CommandError(exitCodes.usage, `--ask: ${message}`, { cause });
  }
}
