// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The part of a line of `results.jsonl` that is looked at.
 *
 * @typedef {object} Line
 * @property {string} image
 * @property {string} [error]
 * @property {string} [sha256]
 * @property {{ label?: string, index: number }[]} [predictions]
 * @property {{ files: Record<string, string> }[]} [explanations]
 * @property {{ file: string }[]} [sweeps]
 * @property {{ file: string }[]} [figures]
 */

/**
 * Checks what must hold for a run's folder at every moment: all lines are complete, except possibly the last,
 * and every file that a line names exists.
 *
 * @param {string} run
 * @returns {string[]}
 */
export function checkAnyRun(run) {
  const file = path.join(run, 'results.jsonl');
  if (!existsSync(file)) return [];
  const { lines, problems } = readLines(file, true);
  return [...problems, ...lines.flatMap((line) => findMissing(run, line))];
}

/**
 * Checks what must hold for a run that is done: each image has exactly one line, without an error, and with
 * the same files and predictions as in the undisturbed run.
 *
 * @param {string} run
 * @param {string} undisturbed
 * @returns {string[]}
 */
export function checkDoneRun(run, undisturbed) {
  const [got, want] = [run, undisturbed].map((one) =>
    readLines(path.join(one, 'results.jsonl'), false),
  );
  const problems = [...got.problems];
  for (const wanted of want.lines) {
    const own = got.lines.filter(({ image }) => image === wanted.image);
    if (own.length !== 1) problems.push(`results.jsonl has ${own.length} lines of ${wanted.image}`);
    const [line] = own;
    if (line === undefined) continue;
    if (describe(line) !== describe(wanted)) {
      problems.push(`results.jsonl says of ${wanted.image} ${describe(line)}`);
    }
    problems.push(...findMissing(run, line));
  }
  if (got.lines.length > want.lines.length) {
    problems.push(`results.jsonl has ${got.lines.length} lines instead of ${want.lines.length}`);
  }
  const { status, counts } = JSON.parse(readFileSync(path.join(run, 'run.json'), 'utf8'));
  if (status !== 'done') problems.push(`run.json says ${status}`);
  if (counts?.done !== want.lines.length || counts.failed !== 0) {
    problems.push(`run.json counts ${JSON.stringify(counts)} of ${want.lines.length} images`);
  }
  return problems;
}

/**
 * @param {string} file
 * @param {boolean} mayBeTorn
 */
function readLines(file, mayBeTorn) {
  /** @type {Line[]} */
  const lines = [];
  const problems = [];
  const rows = readFileSync(file, 'utf8').split('\n');
  const last = rows.pop();
  if (last !== '' && !mayBeTorn) problems.push('results.jsonl ends within a line');
  for (const [i, row] of rows.entries()) {
    try {
      lines.push(JSON.parse(row));
    } catch {
      problems.push(`results.jsonl: line ${i + 1} is broken`);
    }
  }
  return { lines, problems };
}

/**
 * @param {string} run
 * @param {Line} line
 */
function findMissing(run, { explanations = [], sweeps = [], figures = [], image }) {
  const files = [
    ...explanations.flatMap((one) => Object.values(one.files)),
    ...[...sweeps, ...figures].map(({ file }) => file),
  ];
  return files
    .filter((file) => !existsSync(path.join(run, file)))
    .map((file) => `results.jsonl names ${file} for ${image}, which is not there`);
}

/** @param {Line} line */
function describe({
  error,
  sha256,
  predictions = [],
  explanations = [],
  sweeps = [],
  figures = [],
}) {
  if (error !== undefined) return `an error: ${error}`;
  const files = explanations.flatMap((one) => Object.values(one.files)).sort();
  const classes = predictions.map(({ index }) => index);
  return JSON.stringify([
    sha256,
    classes,
    files,
    [...sweeps, ...figures].map(({ file }) => file).sort(),
  ]);
}
