/**
 * The rules that find a box or mask in a map at the size of the image. Components are 8-connected:
 *
 * - `peak`: among the pixels that reach 15 % of the maximum, the component with the peak.
 * - `paper`: among the pixels that reach 15 % of the maximum, the largest component (Selvaraju et al.
 *   2017, section 4.1). It may be wide and weak, with the peak elsewhere.
 * - `otsu`: among the pixels above Otsu's threshold, the largest component.
 */
export const boxRules = ['peak', 'paper', 'otsu'] as const;

/** One of {@link boxRules}. */
export type BoxRule = (typeof boxRules)[number];
