import type { DisplayMap } from '../image/display-map.ts';
import { fractionMask, otsuMask, type Mask } from './mask.ts';

/** Whole pixels, half-open: covers x .. x + width - 1. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

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
export function findMaskBox({ width, data }: Mask): Box | null {
  const open = Uint8Array.from(data);
  let best: { size: number; box: Box } | null = null;
  for (let start = 0; start < open.length; start++) {
    if (open[start] === 0) continue;
    const component = floodComponent(open, width, start);
    if (best === null || component.size > best.size) best = component;
  }
  return best?.box ?? null;
}

/** Takes a component out of `open` and returns its size and bounds. */
function floodComponent(
  open: Uint8Array,
  width: number,
  start: number,
): { size: number; box: Box } {
  const height = open.length / width;
  const pending = [start];
  open[start] = 0;
  let [size, left, right, top, bottom] = [0, width, 0, height, 0];
  for (let cell = pending.pop(); cell !== undefined; cell = pending.pop()) {
    const x = cell % width;
    const y = (cell - x) / width;
    size += 1;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const neighbour = ny * width + nx;
        if (open[neighbour] === 0) continue;
        open[neighbour] = 0;
        pending.push(neighbour);
      }
    }
  }
  const box = { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  return { size, box };
}
