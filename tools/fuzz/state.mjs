// @ts-check
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { emptyTally, joinTallies } from './tally.mjs';

/** @typedef {{ target: string, number: number, kind: string, cause: string }} Noise */

/**
 * The state of a campaign. A campaign can be resumed from a file of it.
 *
 * @typedef {object} State
 * @property {number} seed
 * @property {Record<string, number>} done by target: the mutants 0 up to this number, exclusive, have run
 * @property {Record<string, import('./tally.mjs').Tally>} tallies
 * @property {import('./investigate.mjs').Finding[]} findings
 * @property {Noise[]} noise suspects whose fault did not appear again when they ran alone
 * @property {number} seconds
 * @property {(target: string, tally: import('./tally.mjs').Tally) => void} add the next mutants of a target
 * @property {(cause: string) => boolean} isNew whether this is the first question about this cause
 * @property {(file: string) => void} save
 */

/**
 * @param {number} seed
 * @param {string | undefined} file of an earlier start, which may not be there yet
 * @returns {State}
 * @throws Error for a state of another seed
 */
export function openState(seed, file) {
  const kept = file === undefined ? undefined : readKept(file);
  if (kept !== undefined && kept.seed !== seed) {
    throw new Error(
      `${file} is of seed ${kept.seed}, not ${seed}; state the same seed or another file`,
    );
  }
  /** @type {Set<string>} */
  const causes = new Set(kept?.causes ?? []);
  /** @type {State} */
  const state = {
    seed,
    done: kept?.done ?? {},
    tallies: kept?.tallies ?? {},
    findings: kept?.findings ?? [],
    noise: kept?.noise ?? [],
    seconds: kept?.seconds ?? 0,
    add(target, tally) {
      state.tallies[target] = joinTallies(state.tallies[target] ?? emptyTally(), tally);
      state.done[target] = (state.done[target] ?? 0) + tally.mutants;
    },
    isNew(cause) {
      const isNew = !causes.has(cause);
      causes.add(cause);
      return isNew;
    },
    save(to) {
      const { done, tallies, findings, noise, seconds } = state;
      const text = JSON.stringify({
        seed,
        done,
        tallies,
        findings,
        noise,
        seconds,
        causes: [...causes],
      });
      writeFileSync(`${to}.part`, text);
      renameSync(`${to}.part`, to);
    },
  };
  return state;
}

/** @param {string} file */
function readKept(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
