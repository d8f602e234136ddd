// @ts-check
/**
 * The findings after one fault. Number 0 is the undisturbed run of a scenario, whose fault is null.
 *
 * @typedef {object} Finding
 * @property {number} number
 * @property {string} scenario
 * @property {import('./faults.mjs').Fault | null} fault
 * @property {string[]} problems
 *
 * @typedef {{ faults: number, clean: number }} Count
 *
 * @typedef {object} Tally
 * @property {(one: Finding) => void} add also called for a fault without problems
 * @property {Finding[]} found those with problems
 * @property {() => { faults: number, clean: number, scenarios: Record<string, Count>, kinds:
 *   Record<string, Count> } } counts
 */

/** @returns {Tally} */
export function createTally() {
  /** @type {Finding[]} */
  const found = [];
  const total = { faults: 0, clean: 0 };
  /** @type {Record<string, Count>} */
  const scenarios = {};
  /** @type {Record<string, Count>} */
  const kinds = {};
  return {
    found,
    add(one) {
      const { scenario, fault, problems } = one;
      if (problems.length > 0) found.push(one);
      if (fault === null) return;
      scenarios[scenario] ??= { faults: 0, clean: 0 };
      kinds[fault.kind] ??= { faults: 0, clean: 0 };
      for (const count of [total, scenarios[scenario], kinds[fault.kind]]) {
        count.faults += 1;
        if (problems.length === 0) count.clean += 1;
      }
    },
    counts: () => ({ ...total, scenarios, kinds }),
  };
}
