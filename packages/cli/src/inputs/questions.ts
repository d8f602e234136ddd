import { countClasses, mainHead, prepareText, type ModelDescription } from '@gradcam/core';
import { isWebAddress, type GroundTruth, type ImageQuestions, type TrueClass } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readClassName } from './class-name.ts';
import { isImageColumn, placesOf, readTable, type TableRow } from './read-table.ts';
import { readText } from './read-text.ts';

/** The questions about the images of a run, and the answers that the table states. */
export interface QuestionTable {
  readonly questions: ImageQuestions;
  /** The stated answers as true classes; null where the table states none. */
  readonly truth: GroundTruth | null;
}

interface Asked {
  readonly question: string;
  readonly answer: TrueClass | undefined;
  readonly line: number;
}

/**
 * Reads a table `image,question` or `image,question,answer`, with a header or without. A relative path starts
 * from the table's folder or from the current one. Answers are classes of the model.
 *
 * @param images all images of the run; each must have a question.
 * @throws CommandError 66 for a file that does not exist; 65 for a table that cannot be read, a question that
 *   the model cannot read, an answer that it does not have, a second question about an image, and images
 *   without one.
 */
export async function readQuestions(
  file: string,
  images: readonly string[],
  model: ModelDescription,
): Promise<QuestionTable> {
  const where = `--questions ${file}`;
  const bytes = await readText(file, where);
  const asked = new Map<string, Asked>();
  for (const row of withoutHeader(await readTable(where, bytes))) {
    const one = readRow(row, where, model);
    for (const place of placesOf(row.cells[0]!, file)) {
      const before = asked.get(place);
      if (before !== undefined && before.question !== one.question) {
        throw new CommandError(
          exitCodes.badData,
          `${where} line ${row.line}: ${row.cells[0]} has another question in line ${before.line}; a run asks one question about each image, so make a table of its own for further ones`,
        );
      }
      asked.set(place, one);
    }
  }
  const find = (image: string): Asked | undefined =>
    asked.get(isWebAddress(image) ? image : path.resolve(image));
  const silent = images.filter((image) => find(image) === undefined);
  if (silent.length > 0) {
    const more = silent.length > 1 ? ` and ${silent.length - 1} more images` : '';
    throw new CommandError(
      exitCodes.badData,
      `${where}: no question for ${silent[0]}${more}; add a row image,question for each, or give only images that have one`,
    );
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  const isJudged = images.some((image) => find(image)?.answer !== undefined);
  return {
    questions: { digest, find: (image) => find(image)?.question },
    truth: isJudged ? { digest, find: (image) => find(image)?.answer } : null,
  };
}

function readRow({ cells, line }: TableRow, where: string, model: ModelDescription): Asked {
  const [image = '', question = '', answer = ''] = cells;
  const here = `${where} line ${line}`;
  if (image === '' || question === '') {
    throw new CommandError(
      exitCodes.badData,
      `${here}: expected image,question or image,question,answer; found '${cells.join(',')}'`,
    );
  }
  try {
    prepareText(model, { question });
  } catch (cause) {
    throw new CommandError(exitCodes.badData, `${here}: ${(cause as Error).message}`, { cause });
  }
  if (answer === '') return { question, answer: undefined, line };
  const found = findAnswer(answer, model);
  if ('index' in found) return { question, answer: found, line };
  throw new CommandError(exitCodes.badData, `${here}: ${found.reason}`);
}

/** An answer may be a number, such as how many there are, which is first taken as the name of a class. */
function findAnswer(
  answer: string,
  { classNames, network }: ModelDescription,
): ReturnType<typeof readClassName> {
  const wanted = answer.toLowerCase();
  const index = classNames.labels.findIndex((label) => label.toLowerCase() === wanted);
  if (index >= 0) return { index, label: classNames.labels[index]! };
  return readClassName(answer, { names: classNames, count: countClasses(mainHead(network)) });
}

/** The rows without the first, where this names the columns. */
function withoutHeader(rows: readonly TableRow[]): readonly TableRow[] {
  const [first = '', second = ''] = rows[0]?.cells ?? [];
  return isImageColumn(first) && /^question$/i.test(second) ? rows.slice(1) : rows;
}
