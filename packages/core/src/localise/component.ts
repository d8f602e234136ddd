import type { Box } from './box.ts';
import type { Mask } from './mask.ts';

/** Pixels of a mask that touch, by an edge or a corner. */
export interface Component {
  readonly mask: Mask;
  /** Number of its pixels. */
  readonly area: number;
  readonly box: Box;
}

interface Extent {
  readonly start: number;
  readonly area: number;
  readonly box: Box;
}

/** A mask's largest 8-connected component; of equal ones the first in row-major order, null for none. */
export function findLargestComponent(mask: Mask): Component | null {
  const largest = locateLargest(mask);
  if (largest === null) return null;
  const rest = Uint8Array.from(mask.data);
  floodComponent(rest, mask.width, largest.start);
  // What the flood took away is the component.
  const data = mask.data.map((value, i) => value - rest[i]!);
  return { mask: { ...mask, data }, area: largest.area, box: largest.box };
}

/** As {@link findLargestComponent}, without its pixels. */
export function locateLargest({ width, data }: Mask): Extent | null {
  const open = Uint8Array.from(data);
  let best: Extent | null = null;
  for (let start = 0; start < open.length; start++) {
    if (open[start] === 0) continue;
    const component = floodComponent(open, width, start);
    if (best === null || component.area > best.area) best = component;
  }
  return best;
}

/** Takes a component out of `open` and returns its size and bounds. */
function floodComponent(open: Uint8Array, width: number, start: number): Extent {
  const height = open.length / width;
  const pending = [start];
  open[start] = 0;
  let [area, left, right, top, bottom] = [0, width, 0, height, 0];
  for (let cell = pending.pop(); cell !== undefined; cell = pending.pop()) {
    const x = cell % width;
    const y = (cell - x) / width;
    area += 1;
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
  return { start, area, box };
}
