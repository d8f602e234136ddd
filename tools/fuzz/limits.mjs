// @ts-check

/** A mutant that takes longer is a finding: of CPU time, and for what waits also by the clock. */
const MAX_MS = 1000;

/** A mutant whose process grows by more is a finding. */
export const MAX_GROWTH_BYTES = 200 * 2 ** 20;

/** V8's heap in the processes that run mutants: more than the bound above, far less than the machine has. */
export const HEAP_MIB = 512;

/**
 * A picture that is read may be as large as core's `MAX_IMAGE_PIXELS`, however few bytes declare
 * it: 16 bytes a pixel are planned for there. libvips takes 15 ns a pixel for a GIF of 61
 * megapixels; this is twice that.
 */
const PICTURE_BYTES_PER_PIXEL = 16;
const PICTURE_MS_PER_PIXEL = 30e-6;

/**
 * What a mutant may take.
 *
 * @param {import('./target.mjs').Target} target
 * @param {import('./oracle.mjs').Outcome} outcome
 */
export function limitsOf(target, outcome) {
  const pixels = outcome.kind === 'value' ? (target.pixelsOf?.(outcome.detail) ?? 0) : 0;
  return {
    ms: MAX_MS + pixels * PICTURE_MS_PER_PIXEL,
    bytes: MAX_GROWTH_BYTES + pixels * PICTURE_BYTES_PER_PIXEL,
  };
}
