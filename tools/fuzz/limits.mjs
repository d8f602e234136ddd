// @ts-check

/**
 * The most milliseconds of CPU time for a mutant and, if the target waits, of wall-clock time. A slower
 * mutant is a finding.
 */
const MAX_MS = 1000;

/** The most memory by which a mutant may make its process grow. Larger growth is a finding. */
export const MAX_GROWTH_BYTES = 200 * 2 ** 20;

/**
 * The limit of V8's heap in the processes that run mutants: more than the bound above, and far less than the
 * machine has.
 */
export const HEAP_MIB = 512;

/**
 * The memory and time that a picture may take for each pixel. A picture may be as large as core's
 * `MAX_IMAGE_PIXELS`, however few bytes declare it, and core plans 16 bytes for a pixel. libvips takes 15 ns
 * for a pixel of a GIF of 61 megapixels; the limit is twice that.
 */
const PICTURE_BYTES_PER_PIXEL = 16;
const PICTURE_MS_PER_PIXEL = 30e-6;

/**
 * The time and memory that a mutant may take.
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
