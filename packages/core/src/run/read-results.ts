import { GradcamError } from '../errors.ts';
import type { FailureLine, ResultLine, RunFile } from './run.ts';

/**
 * Checks the parts of `run.json` that readers rely on.
 *
 * @throws GradcamError `argument` for another schema or a file that is not a run.
 */
export function validateRun(value: unknown): RunFile {
  const run = value as Partial<RunFile> | null;
  const isRun =
    typeof run === 'object' &&
    run !== null &&
    run.schema === 1 &&
    (run.status === 'running' || run.status === 'done') &&
    typeof run.model?.id === 'string' &&
    typeof run.engine === 'string';
  if (isRun) return value as RunFile;
  throw new GradcamError(
    'argument',
    `run.json: expected schema 1 with status, model and engine, found schema ${JSON.stringify(run?.schema)}`,
  );
}

/** Tells an image that was explained from one that failed. */
export function isFailure(line: ResultLine | FailureLine): line is FailureLine {
  return 'error' in line;
}

/**
 * Reads `results.jsonl`; a torn last line, as a run that is being written or was killed has it, is
 * left out and counted.
 *
 * @throws GradcamError `argument` naming the first other line that is not a result.
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
 * Reads one line of `results.jsonl`.
 *
 * @param number how an error calls the line, from 1.
 * @throws GradcamError `argument` where it is neither a result nor a failure.
 */
export function parseResult(row: string, number: number): ResultLine | FailureLine {
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch {
    value = null;
  }
  const line = value as Partial<ResultLine & FailureLine> | null;
  const isLine =
    typeof line?.image === 'string' &&
    (typeof line.error === 'string' ||
      (Array.isArray(line.explanations) && Array.isArray(line.predictions)));
  if (isLine) return value as ResultLine | FailureLine;
  throw new GradcamError('argument', `results.jsonl line ${number} is not a result`);
}
