import { isFailure } from './read-results.ts';
import type { FailureLine, ResultLine } from './result-line.ts';

type Line = ResultLine | FailureLine;

/** The question that a line is about; undefined where none was asked, or where a failure does not name it. */
export function questionOfLine(line: Line): string | undefined {
  if (isFailure(line)) return line.question;
  return line.text !== undefined && 'question' in line.text ? line.text.question : undefined;
}

/**
 * What a line is about: its image, and behind a line break its question. A run may ask several questions
 * about an image, each with a line of its own.
 */
export function lineKey(line: Line): string {
  const question = questionOfLine(line);
  return question === undefined ? line.image : `${line.image}\n${question}`;
}

/**
 * The last line of each image and question, in the order of their first lines: a resumed run may have a
 * failure and a later success. A failure without a question, as runs that ask all images alike have it, does
 * not count where a later line is about the same image.
 */
export function latestLines<Some extends Line>(lines: Iterable<Some>): Some[] {
  const latest = new Map<string, Some>();
  for (const line of lines) {
    const key = lineKey(line);
    const unnamed = key === line.image ? undefined : latest.get(line.image);
    if (unnamed !== undefined && isFailure(unnamed)) latest.delete(line.image);
    latest.set(key, line);
  }
  return [...latest.values()];
}

/** What a count of latest lines counts: questions where an image has several of them, else images. */
export function nounOfLines(lines: readonly Pick<Line, 'image'>[]): 'image' | 'question' {
  return new Set(lines.map(({ image }) => image)).size < lines.length ? 'question' : 'image';
}
