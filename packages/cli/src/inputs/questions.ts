import { countClasses, mainHead, prepareText, type ModelDescription } from '@gradcam/core';
import type { GroundTruth, ImageQuestions, TrueClass } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readClassName } from './class-name.ts';
import {
  findPlace,
  isImageColumn,
  listPlaces,
  placeOf,
  readTable,
  type TableRow,
} from './read-table.ts';
import { readText } from './read-text.ts';

/** The questions about the images of a run, and the answers that the table states. */
export interface QuestionTable {
  readonly questions: ImageQuestions;
  /** The stated answers as true classes; null where the table states none. */
  readonly truth: GroundTruth | null;
  /** Rows about images that are not in the run. */
  readonly unused: number;
}

interface Asked {
  readonly question: string;
  readonly answer: TrueClass | undefined;
  readonly line: number;
}

/**
 * Reads a table `image,question` or `image,question,answer`, with a header or without. A header may name the
 * columns in another order, beside others, and separate them by semicolons or tabs. A relative path starts
 * from the table's folder or from the current one. An image may have several questions. Answers are classes
 * of the model.
 *
 * @param images all images of the run; each must have a question.
 * @throws CommandError 66 for a file that does not exist; 65 for a table that cannot be read, a question that
 *   the model cannot read, an answer that it does not have, another answer to the same question, a
 *   path that means two images of the run, and images without a question.
 */
export async function readQuestions(
  file: string,
  images: readonly string[],
  model: ModelDescription,
): Promise<QuestionTable> {
  const where = `--questions ${file}`;
  const bytes = await readText(file, where);
  const { rows, columns } = readHeader(await readTable(where, bytes), where);
  const places = listPlaces(images);
  const checked = createChecks(model);
  /** The questions about each image, in the order of the table. */
  const asked = new Map<string, Map<string, Asked>>();
  let unused = 0;
  for (const row of rows) {
    const here = `${where} line ${row.line}`;
    const { image, question, answer } = readRow(row, columns, here);
    const one = { ...checked(question, answer, here), line: row.line };
    const place = findPlace(image, { table: file, places, where: here });
    if (place === null) {
      unused += 1;
      continue;
    }
    const about = asked.get(place) ?? new Map<string, Asked>();
    const before = about.get(question);
    if (before !== undefined) refuseOther(before, one, `${here}: ${image}`);
    asked.set(place, about.set(question, one));
  }
  const find = (image: string): readonly Asked[] => [
    ...(asked.get(placeOf(image))?.values() ?? []),
  ];
  const silent = images.filter((image) => !asked.has(placeOf(image)));
  if (silent.length > 0) {
    const more = silent.length > 1 ? ` and ${silent.length - 1} more images` : '';
    throw new CommandError(
      exitCodes.badData,
      `${where}: no question for ${silent[0]}${more}; add a row image,question for each, or give only images that have one`,
    );
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  const isJudged = images.some((image) => find(image).some(({ answer }) => answer !== undefined));
  const answerOf = (image: string, question = ''): TrueClass | undefined =>
    asked.get(placeOf(image))?.get(question)?.answer;
  return {
    questions: { digest, find: (image) => find(image).map(({ question }) => question) },
    truth: isJudged ? { digest, find: answerOf } : null,
    unused,
  };
}

/** The places of the columns in a row. Without an answer it is -1. */
interface Columns {
  readonly image: number;
  readonly question: number;
  readonly answer: number;
  /** The most cells of a row. */
  readonly count: number;
}

/** The columns that the first row names; it is no header unless it names the image and the question. */
function readHeader(
  all: readonly TableRow[],
  where: string,
): { readonly rows: readonly TableRow[]; readonly columns: Columns } {
  const names = all[0]?.cells ?? [];
  const image = names.findIndex(isImageColumn);
  const question = names.findIndex((name) => /^question$/i.test(name));
  if (image < 0 || question < 0) {
    return { rows: all, columns: { image: 0, question: 1, answer: 2, count: 3 } };
  }
  const doubled = names.find(
    (name, i) => name !== '' && names.slice(0, i).some((one) => isSameName(one, name)),
  );
  if (doubled !== undefined) {
    throw new CommandError(
      exitCodes.badData,
      `${where} line 1: two columns are called ${doubled}; give each its own name`,
    );
  }
  const answer = names.findIndex((name) => /^answer$/i.test(name));
  return { rows: all.slice(1), columns: { image, question, answer, count: names.length } };
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase() || (isImageColumn(one) && isImageColumn(other));
}

function readRow(
  { cells }: TableRow,
  columns: Columns,
  here: string,
): { image: string; question: string; answer: string } {
  const at = (column: number): string => cells[column] ?? '';
  const found = { image: at(columns.image), question: at(columns.question) };
  const tooMany = cells.length > columns.count;
  if (found.image !== '' && found.question !== '' && !tooMany) {
    return { ...found, answer: at(columns.answer) };
  }
  const advice = tooMany
    ? '; a question with a comma stands in double quotes'
    : cells.length === 1 && /[;\t]/.test(cells[0]!)
      ? '; without a header image,question the columns are separated by commas'
      : '';
  throw new CommandError(
    exitCodes.badData,
    `${here}: expected image,question or image,question,answer; found '${cells.join(',').slice(0, 200)}'${advice}`,
  );
}

function refuseOther(before: Asked, { answer }: Asked, here: string): void {
  if (before.answer?.index !== answer?.index) {
    throw new CommandError(
      exitCodes.badData,
      `${here} has another answer to this question in line ${before.line}; leave one of the two rows`,
    );
  }
}

/**
 * Checks questions and answers. Tables of many images ask and answer the same again and again, so each text
 * is checked once.
 */
function createChecks(
  model: ModelDescription,
): (question: string, answer: string, here: string) => Pick<Asked, 'question' | 'answer'> {
  const readable = new Set<string>();
  const answers = new Map<string, TrueClass>();
  const byName = new Map<string, TrueClass>();
  for (const [index, label] of model.classNames.labels.entries()) {
    const name = label.toLowerCase();
    if (!byName.has(name)) byName.set(name, { index, label });
  }
  return (question, answer, here) => {
    if (!readable.has(question)) {
      try {
        prepareText(model, { question });
      } catch (cause) {
        const { message } = cause as Error;
        throw new CommandError(exitCodes.badData, `${here}: ${message}`, { cause });
      }
      readable.add(question);
    }
    if (answer === '') return { question, answer: undefined };
    const found = answers.get(answer) ?? findAnswer(answer, byName, model);
    if (!('index' in found)) {
      throw new CommandError(exitCodes.badData, `${here}: ${found.reason}`);
    }
    answers.set(answer, found);
    return { question, answer: found };
  };
}

/** An answer may be a number, such as how many there are, which is first taken as the name of a class. */
function findAnswer(
  answer: string,
  byName: ReadonlyMap<string, TrueClass>,
  { classNames, network }: ModelDescription,
): ReturnType<typeof readClassName> {
  const named = byName.get(answer.toLowerCase());
  if (named !== undefined) return named;
  return readClassName(answer, { names: classNames, count: countClasses(mainHead(network)) });
}
