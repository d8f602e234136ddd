// @ts-check

/**
 * Shows the progress in one line on a terminal, and shows nothing elsewhere.
 *
 * @param {import('./state.mjs').State} state
 * @param {number} mutants wanted in all
 */
export function createProgress(state, mutants) {
  const start = performance.now();
  const first = countMutants(state);
  return {
    show() {
      if (!process.stderr.isTTY) return;
      const count = countMutants(state);
      const rate = Math.round(((count - first) * 1000) / (performance.now() - start));
      const text = `${count} of ${mutants} mutants, ${rate} a second, ${state.findings.length} findings`;
      process.stderr.write(`\r${text.padEnd(70)}`);
    },
    end() {
      if (process.stderr.isTTY) process.stderr.write('\n');
    },
  };
}

/** @param {import('./state.mjs').State} state */
export function countMutants(state) {
  return Object.values(state.tallies).reduce((sum, { mutants }) => sum + mutants, 0);
}
