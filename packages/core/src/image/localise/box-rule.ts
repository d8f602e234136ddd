import type { DisplayMap } from '../display-map.ts';
import type { BoxRule } from '../../run/box-rule.ts';
import { BOX_THRESHOLD } from './box.ts';
import { findComponentAt, findLargestComponent, type Component } from './component.ts';
import { fractionMask, otsuMask, type Mask } from './mask.ts';

/**
 * The connected part of a map that a rule chooses; null for a map without positive values.
 *
 * @param peak from `findPeak`, in pixels of the map. The displayed map of a preset can differ from the raw
 *   map and miss the threshold at the peak; then the pixel of the largest displayed value takes its place.
 */
export function findPart(
  map: DisplayMap,
  rule: BoxRule,
  peak: { readonly x: number; readonly y: number },
): Component | null {
  if (rule === 'otsu') return findLargestComponent(otsuMask(map));
  const mask = fractionMask(map, BOX_THRESHOLD);
  if (rule === 'paper') return findLargestComponent(mask);
  return findComponentAt(mask, Math.floor(peak.x), Math.floor(peak.y)) ?? findAtLargest(map, mask);
}

function findAtLargest({ values, width }: DisplayMap, mask: Mask): Component | null {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (mask.data[i] === 1 && (best < 0 || values[i]! > values[best]!)) best = i;
  }
  return best < 0 ? null : findComponentAt(mask, best % width, Math.floor(best / width));
}
