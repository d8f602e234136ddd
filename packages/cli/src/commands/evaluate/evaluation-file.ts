import { guardWrite, readBytes, replaceLines } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import type { EvaluatedImage, EvaluationHead, UnevaluatedImage } from './evaluation.ts';

type Line = EvaluatedImage | UnevaluatedImage;

/** The file `evaluation.jsonl` while it is written: first the head, then a line for each image. */
export interface EvaluationFile {
  /** The lines of all images that are done, including those of earlier starts. */
  readonly lines: EvaluatedImage[];
  /** @throws RunError `cannot-write`, also where another program changed the file. */
  append(line: Line): Promise<void>;
  /**
   * Compares every byte of the file with what was written: only then may the tables be written.
   *
   * @throws RunError `cannot-write` where another program changed the file.
   */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** The path of the image that a line is about; null for a line that is no longer wanted. */
export type SourceOf = (line: Pick<EvaluatedImage, 'image' | 'question'>) => string | null;

/** What a line is about: an image, or a question about it. */
export function keyOfLine({ image, question }: Pick<EvaluatedImage, 'image' | 'question'>): string {
  return JSON.stringify(question === undefined ? [image] : [image, question]);
}

const NAME = 'evaluation.jsonl';

/** The largest file that is read. A line has some hundred numbers for each row and class. */
const MAX_FILE_BYTES = 2 ** 29;

/**
 * Opens the file of an evaluation: a new one or, with `resume`, an existing one. An image is done if its line
 * is complete and the image still has the sha256 that the line states. Failed images are tried again.
 *
 * @throws CommandError 73 if an evaluation exists and `resume` was not given, 64 if it was made with other
 *   settings, 65 if it is damaged; RunError `cannot-write`.
 */
export async function openEvaluation(
  folder: string,
  head: EvaluationHead,
  resume: boolean,
  sourceOf: SourceOf,
): Promise<EvaluationFile> {
  const file = path.join(folder, NAME);
  await guardWrite(folder, () => mkdir(folder, { recursive: true }));
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  if (size > 0 && !resume) {
    throw new CommandError(
      exitCodes.cannotCreate,
      `${folder} already holds an evaluation; add --resume to finish it, or choose another --out`,
    );
  }
  const lines = size > 0 ? await readDone(file, size, head, sourceOf) : [];
  // Removes failures and an incomplete last line.
  const written = await replaceLines<EvaluationHead | Line>(file, [head, ...lines]);
  return {
    ...written,
    lines,
    async append(line) {
      await written.append(line);
      if (!('error' in line)) lines.push(line);
    },
  };
}

async function readDone(
  file: string,
  size: number,
  head: EvaluationHead,
  sourceOf: SourceOf,
): Promise<EvaluatedImage[]> {
  if (size > MAX_FILE_BYTES) {
    throw new CommandError(exitCodes.badData, `${file}: more than ${MAX_FILE_BYTES} bytes`);
  }
  const texts = (await readFile(file, 'utf8')).split('\n');
  const isTorn = texts.at(-1) !== '';
  const whole = texts.slice(0, -1);
  // A process that was killed while it wrote its first line has left nothing to keep.
  if (whole.length === 0 && isTorn) return [];
  const [before, ...rest] = whole.map((text, i) => parseLine(text, file, i + 1));
  checkSameHead(file, before as unknown as EvaluationHead, head);
  const done = new Map<string, EvaluatedImage>();
  for (const [i, line] of (rest as unknown as Line[]).entries()) {
    if (typeof line.image !== 'string' || !('error' in line || Array.isArray(line.classes))) {
      throw new CommandError(exitCodes.badData, `${file} line ${i + 2}: is no result of evaluate`);
    }
    if (!('error' in line) && (await isSame(line, sourceOf(line)))) {
      done.set(keyOfLine(line), line);
    }
  }
  return [...done.values()];
}

function parseLine(text: string, file: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The error is reported below.
  }
  throw new CommandError(
    exitCodes.badData,
    `${file} line ${number}: is no JSON object; choose another --out`,
  );
}

async function isSame({ sha256 }: EvaluatedImage, source: string | null): Promise<boolean> {
  if (source === null) return false;
  const bytes = await readBytes(source).catch(() => null);
  return bytes !== null && createHash('sha256').update(bytes).digest('hex') === sha256;
}

function checkSameHead(file: string, before: EvaluationHead, now: EvaluationHead): void {
  const flatten = ({ model, settings, schema }: EvaluationHead): Record<string, unknown> => ({
    schema,
    ...Object.fromEntries(Object.entries(model ?? {}).map(([key, one]) => [`model ${key}`, one])),
    ...settings,
  });
  const [was, is] = [flatten(before), flatten(now)];
  const changed = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => JSON.stringify(was[key]) !== JSON.stringify(is[key]),
  );
  if (changed.length === 0) return;
  const list = changed.map(
    (key) => `${key} was ${JSON.stringify(was[key])} and is ${JSON.stringify(is[key])}`,
  );
  throw new CommandError(
    exitCodes.usage,
    `${file} cannot be resumed: ${list.join('; ')}; give the same settings, or another --out`,
  );
}
