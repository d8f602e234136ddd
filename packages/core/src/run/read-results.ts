import { GradcamError } from '../base/errors.ts';
import { failureShape, resultShape } from './line-shapes.ts';
import type { FailureLine, ResultLine } from './result-line.ts';
import type { RunFile } from './run-file.ts';
import { runShape } from './run-shape.ts';
import { describeMisfit, showValue } from './shape.ts';

/**
 * Checks `run.json` field by field. Fields that this version does not know are ignored.
 *
 * @throws GradcamError `argument` for another schema, or naming the first wrong field.
 */
export function validateRun(value: unknown): RunFile {
  const schema = (value as Partial<RunFile> | null)?.schema;
  if (schema !== 1) {
    const found = schema === undefined ? 'none' : showValue(schema);
    throw new GradcamError('argument', `run.json: expected schema 1, found ${found}`);
  }
  const misfit = runShape(value);
  if (misfit === null) return value as RunFile;
  throw new GradcamError('argument', `run.json is not a run: ${describeMisfit(misfit)}`);
}

/** Whether a line is about an image that could not be explained. */
export function isFailure(line: ResultLine | FailureLine): line is FailureLine {
  return 'error' in line;
}

/**
 * Reads `results.jsonl`. An incomplete last line, as a run leaves it while it writes or when it is
 * killed, is left out and counted in `torn`.
 *
 * @throws GradcamError `argument` naming the first other line that is not a result, and its wrong
 *   field.
 */
export function parseResults(text: string): {
  lines: (ResultLine | FailureLine)[];
  torn: number;
} {
  const rows = text.split('\n');
  const last = rows.pop() ?? '';
  const lines = rows.flatMap((row, i) => (row === '' ? [] : [parseResult(row, i + 1)]));
  if (last === '') return { lines, torn: 0 };
  try {
    return { lines: [...lines, parseResult(last, rows.length + 1)], torn: 0 };
  } catch {
    return { lines, torn: 1 };
  }
}

/**
 * Reads one line of `results.jsonl`. Every field is checked: its type, the range of its numbers, and
 * that each file name lies in `images/<folder>/` of the run folder.
 *
 * @param number the number of the line in errors, from 1.
 * @throws GradcamError `argument` naming the first wrong field.
 */
export function parseResult(row: string, number: number): ResultLine | FailureLine {
  const problem = (what: string): GradcamError =>
    new GradcamError('argument', `results.jsonl line ${number} is not a result: ${what}`);
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch {
    throw problem('not JSON');
  }
  const isFailed = typeof value === 'object' && value !== null && Object.hasOwn(value, 'error');
  const misfit = (isFailed ? failureShape : resultShape)(value);
  if (misfit !== null) throw problem(describeMisfit(misfit));
  return value as ResultLine | FailureLine;
}
