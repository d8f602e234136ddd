// @ts-check
import { damageBytes } from './mutate/bytes.mjs';
import { createRandom, mixSeed } from './random.mjs';

/**
 * How a mutant comes to be: from a seed, by steps that each have a number of their own, so that a part
 * of them makes a smaller mutant.
 *
 * @typedef {object} Plan
 * @property {number} seed index of it
 * @property {boolean} damaged only as a disk or a line does it, no checksum made right
 * @property {readonly number[]} steps
 */

const MAX_STEPS = 6;
/** Mutants stay below this, so that what takes long or much is the reader's doing. */
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
 * The same file of all seeds; of files that have other names in each, the one that is opened.
 *
 * @param {readonly import('./target.mjs').Input[]} seeds
 * @param {string} name
 */
function listPeers(seeds, name) {
  const same = seeds.flatMap(({ files }) => (files[name] === undefined ? [] : [files[name]]));
  return same.length > 1 ? same : seeds.flatMap(({ open, files }) => files[open] ?? []);
}
