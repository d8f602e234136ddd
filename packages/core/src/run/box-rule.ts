/**
 * What a map points at, as boxes and masks show it, in 8-connected parts of the map at the image's size:
 *
 * - `peak`: of what reaches 15 % of the maximum, the part that the peak is in.
 * - `paper`: of what reaches 15 % of the maximum, the largest part (Selvaraju et al. 2017, section 4.1). It may be a
 *   wide and weak one, with the peak elsewhere.
 * - `otsu`: of Otsu's upper class, the largest part.
 */
export const boxRules = ['peak', 'paper', 'otsu'] as const;

/** One of {@link boxRules}. */
export type BoxRule = (typeof boxRules)[number];
