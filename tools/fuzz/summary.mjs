// @ts-check
import { remeasure } from './investigate.mjs';
import { countMutants } from './progress.mjs';

/**
 * The result of a campaign. The slowest and the largest mutant of each target run once more, alone: beside
 * other work, the times include the load of the machine, and the growth includes what came before.
 *
 * @param {import('./state.mjs').State} state
 * @param {boolean} alone whether to run them once more
 */
export async function summarise(state, alone) {
  const { seed, noise, findings, tallies } = state;
  /** @type {Record<string, object>} */
  const targets = {};
  for (const [target, { mutants, outcomes, slowest, largest }] of Object.entries(tallies)) {
    const figures = {
      slowest: { mutant: slowest.number, amongOthersMs: Math.round(slowest.cpuMs) },
      largest: { mutant: largest.number, amongOthersMiB: toMiB(largest.bytes) },
    };
    targets[target] = {
      mutants,
      outcomes: Object.fromEntries(Object.entries(outcomes).sort(([, a], [, b]) => b - a)),
      ...(alone ? await measureAlone(target, seed, figures) : figures),
    };
  }
  return {
    seed,
    mutants: countMutants(state),
    seconds: Math.round(state.seconds),
    noise,
    targets,
    findings,
  };
}

/**
 * @param {string} target
 * @param {number} campaign
 * @param {{ slowest: { mutant: number }, largest: { mutant: number } }} figures
 */
async function measureAlone(target, campaign, { slowest, largest }) {
  const slow = await remeasure({ target, campaign, number: Math.max(0, slowest.mutant) });
  const large = await remeasure({ target, campaign, number: Math.max(0, largest.mutant) });
  return {
    slowest: { ...slowest, cpuMs: Math.round(slow.cpuMs) },
    largest: { ...largest, growthMiB: toMiB(large.growthBytes) },
  };
}

/** @param {number} bytes */
function toMiB(bytes) {
  return Math.round(bytes / 2 ** 20);
}
