// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Two runs of one engine on one machine differ by the order of its sums at most: about 1e-7 of the scale of
 * a value.
 */
export const TOLERANCE = 1e-6;

/** Bytes of the header of the raw maps that these runs save. */
const NPY_HEADER = 128;

/**
 * Says how a shared run differs from the run of one process, in which no image ended the process.
 *
 * @param {string} shared
 * @param {string} alone
 * @returns {{ readonly faults: string[], readonly largest: number }} the largest difference of a number,
 *   relative to its size or that of its map
 */
export function compareRuns(shared, alone) {
  /** @type {string[]} */
  const faults = [];
  let largest = 0;
  const [got, want] = [readLines(shared), readLines(alone)];
  const seen = new Map(got.map((line) => [line.image, line]));
  if (seen.size !== got.length) faults.push(`${got.length - seen.size} images have two lines`);
  for (const line of want) {
    const found = seen.get(line.image);
    if (found === undefined) {
      faults.push(`${line.image} has no line`);
    } else if (line.image.endsWith('poison.png')) {
      if (!/ended each time it explained this image/.test(found.error ?? '')) {
        faults.push(`${line.image} should have ended its workers: ${JSON.stringify(found)}`);
      }
    } else if (found.error !== undefined) {
      faults.push(`${line.image}: ${found.error}`);
    } else {
      largest = Math.max(largest, differ(found, line, faults, line.image));
      for (const { files } of line.explanations) {
        largest = Math.max(largest, differMaps(shared, alone, files.raw, faults));
      }
    }
  }
  if (got.length !== want.length) faults.push(`${got.length} lines instead of ${want.length}`);
  const isOfPoison = (/** @type {string} */ name) => name.startsWith('images/poison-');
  const names = [shared, alone].map((run) =>
    /** @type {string[]} */ (readdirSync(run, { recursive: true }))
      .filter((name) => !isOfPoison(name))
      .sort(),
  );
  const [left, undisturbed] = names.map((list) => list.join('\n'));
  if (left !== undisturbed) faults.push('the files are not those of an undisturbed run');
  return { faults, largest };
}

/** @param {string} run @returns {any[]} */
function readLines(run) {
  const text = readFileSync(path.join(run, 'results.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
}

/**
 * @param {any} got
 * @param {any} want
 * @param {string[]} faults
 * @param {string} where
 * @returns {number}
 */
function differ(got, want, faults, where) {
  if (typeof want === 'number') {
    const difference = Math.abs(got - want) / Math.max(1, Math.abs(want));
    if (!(difference <= TOLERANCE)) faults.push(`${where} is ${got} and was ${want}`);
    return difference;
  }
  if (typeof want !== 'object' || want === null) {
    if (got !== want) faults.push(`${where} is ${got} and was ${want}`);
    return 0;
  }
  let largest = 0;
  for (const key of new Set([...Object.keys(want), ...Object.keys(got ?? {})])) {
    if (key === 'ms') continue;
    largest = Math.max(largest, differ(got?.[key], want[key], faults, `${where}.${key}`));
  }
  return largest;
}

/**
 * @param {string} shared
 * @param {string} alone
 * @param {string} name
 * @param {string[]} faults
 * @returns {number} the largest difference, relative to the largest number of the map
 */
function differMaps(shared, alone, name, faults) {
  const [got, want] = [shared, alone].map((run) => {
    const { buffer } = Uint8Array.from(readFileSync(path.join(run, name)).subarray(NPY_HEADER));
    return new Float32Array(buffer);
  });
  if (got === undefined || want === undefined || got.length !== want.length) {
    faults.push(`${name} has another size`);
    return Infinity;
  }
  const scale = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = want.reduce(
    (most, value, i) => Math.max(most, Math.abs((got[i] ?? NaN) - value)),
    0,
  );
  const relative = scale === 0 ? difference : difference / scale;
  if (!(relative <= TOLERANCE)) faults.push(`${name} differs by ${relative} of its largest number`);
  return relative;
}
