import type { Box } from '../../base/rectangle.ts';
import type { DisplayMap } from '../display-map.ts';
import { locateLargest } from './component.ts';
import { fractionMask, otsuMask, type Mask } from './mask.ts';

/**
 * Share of the maximum at which the paper cuts a map for localisation (Selvaraju et al. 2017, section 4.1).
 */
export const BOX_THRESHOLD = 0.15;

/**
 * The paper's box: it bounds the largest 8-connected component of the pixels that reach 15 % of the map's
 * maximum. Among equal components the first in row-major order counts. Null for a map without positive
 * values.
 */
export function findBox(map: DisplayMap, threshold = BOX_THRESHOLD): Box | null {
  return findMaskBox(fractionMask(map, threshold));
}

/** The box around the largest component of Otsu's upper class; null if that class is empty. */
export function findOtsuBox(map: DisplayMap): Box | null {
  return findMaskBox(otsuMask(map));
}

/** The box around a mask's largest 8-connected component, the first of equal ones; null for an empty mask. */
export function findMaskBox(mask: Mask): Box | null {
  return locateLargest(mask)?.box ?? null;
}
