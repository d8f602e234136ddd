// @ts-check
import { damageBytes } from './mutate/bytes.mjs';
import { createRandom, mixSeed } from './random.mjs';

/**
 * The recipe for a mutant: a seed, and steps that each have their own random numbers, so that a subset of the
 * steps makes a smaller mutant.
 *
 * @typedef {object} Plan
 * @property {number} seed index of it
 * @property {boolean} damaged bytes are damaged as by a disk or a line; no checksum is corrected
 * @property {readonly number[]} steps
 */

const MAX_STEPS = 6;
/** The largest file of a mutant. If a small file takes much time or memory, the reader is the cause. */
const MAX_FILE_BYTES = 2 ** 18;
const DAMAGED_SHARE = 0.15;

/**
 * @param {import('./target.mjs').Target} target
 * @param {number} seeds how many there are
 * @param {number} campaign the campaign's seed
 * @param {number} number of the mutant
 * @returns {Plan}
 */
export function planMutant(target, seeds, campaign, number) {
  const random = createRandom(mixSeed(campaign, target.name, number));
  return {
    seed: random.below(seeds),
    damaged: random.chance(DAMAGED_SHARE),
    steps: Array.from({ length: random.size(MAX_STEPS) }, () => random.next()),
  };
}

/**
 * @param {import('./target.mjs').Target} target
 * @param {readonly import('./target.mjs').Input[]} seeds
 * @param {Plan} plan
 * @returns {import('./target.mjs').Input}
 */
export function makeMutant(target, seeds, plan) {
  const seed = seeds[plan.seed];
  const files = { ...seed.files };
  for (const step of plan.steps) {
    const random = createRandom(step);
    const name = random.pick(Object.keys(files));
    const mutate = plan.damaged ? damageBytes : random.pick(target.mutationsOf(name));
    files[name] = mutate(files[name], random, listPeers(seeds, name)).slice(0, MAX_FILE_BYTES);
  }
  return { ...seed, files };
}

/**
 * The files of the same name in all seeds. If the seeds use different names, it is the file that each seed
 * opens.
 *
 * @param {readonly import('./target.mjs').Input[]} seeds
 * @param {string} name
 */
function listPeers(seeds, name) {
  const same = seeds.flatMap(({ files }) => (files[name] === undefined ? [] : [files[name]]));
  return same.length > 1 ? same : seeds.flatMap(({ open, files }) => files[open] ?? []);
}
