// @ts-check

/** A mutant that takes longer is a finding: of CPU time, and for what waits also by the clock. */
export const MAX_MS = 1000;

/** A mutant whose process grows by more is a finding. */
export const MAX_GROWTH_BYTES = 200 * 2 ** 20;

/** V8's heap in the processes that run mutants: more than the bound above, far less than the machine has. */
export const HEAP_MIB = 512;
