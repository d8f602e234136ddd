/**
 * By how much the tolerances of the suites are wider on an engine than on a CPU, whose divisions and square
 * roots are rounded correctly. The pages that run the suites in a browser have their own `rounding.ts`.
 */
export const ROUNDING = 1;
