// @ts-check
import { observe } from './oracle.mjs';

/**
 * @typedef {object} Measured
 * @property {import('./oracle.mjs').Outcome} outcome
 * @property {number} cpuMs of the whole process, its threads included
 * @property {number} wallMs
 * @property {number} peakBytes the largest resident set so far
 */

/** A reader that has not answered after this time never will, even on a machine under load. */
const NEVER_MS = 20_000;

/**
 * Runs a target on one input.
 *
 * @param {import('./target.mjs').Started} started
 * @param {import('./target.mjs').Input} input
 * @returns {Promise<Measured>}
 */
export async function measure(started, input) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const outcome = await orNever(observe(() => started.run(input)));
  const { user, system } = process.cpuUsage(cpu);
  return {
    outcome,
    cpuMs: (user + system) / 1000,
    wallMs: performance.now() - start,
    peakBytes: peakBytes(),
  };
}

/** The largest resident set that this process has had so far, in bytes. */
export function peakBytes() {
  return process.resourceUsage().maxRSS * 1024;
}

/**
 * @param {Promise<import('./oracle.mjs').Outcome>} outcome
 * @returns {Promise<import('./oracle.mjs').Outcome>}
 */
async function orNever(outcome) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<import('./oracle.mjs').Outcome>} */
  const never = new Promise((resolve) => {
    const fault = { kind: 'waits for ever', cause: `no answer within ${NEVER_MS / 1000} s` };
    timer = setTimeout(() => resolve({ kind: 'never', detail: '', fault }), NEVER_MS);
  });
  try {
    return await Promise.race([outcome, never]);
  } finally {
    clearTimeout(timer);
  }
}
