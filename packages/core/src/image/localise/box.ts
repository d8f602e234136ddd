import type { Box } from '../../base/rectangle.ts';
import type { DisplayMap } from '../display-map.ts';
import { locateLargest } from './component.ts';
import { fractionMask, otsuMask, type Mask } from './mask.ts';

/** Share of the maximum at which the paper cuts a map for localisation (Selvaraju et al. 2017, section 4.1). */
export const BOX_THRESHOLD = 0.15;

/**
 * The paper's box: around the largest 8-connected component of the cells that reach 15 % of the
 * map's maximum. Of equal components the first in row-major order; null for a map without positive values.
 */
export function findBox(map: DisplayMap, threshold = BOX_THRESHOLD): Box | null {
  return findMaskBox(fractionMask(map, threshold));
}

/** The box around the largest component of Otsu's upper class; null where there is none. */
export function findOtsuBox(map: DisplayMap): Box | null {
  return findMaskBox(otsuMask(map));
}

/** The box around a mask's largest 8-connected component, of equal ones the first; null for none. */
export function findMaskBox(mask: Mask): Box | null {
  return locateLargest(mask)?.box ?? null;
}
