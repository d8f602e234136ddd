import type { Box } from '../../base/rectangle.ts';
import type { Mask } from './mask.ts';

/** A set of pixels of a mask that are connected by edges or corners. */
export interface Component {
  readonly mask: Mask;
  /** Number of its pixels. */
  readonly area: number;
  readonly box: Box;
}

/** Adjacent pixels of one row: columns `start` .. `end - 1`. */
interface Run {
  readonly row: number;
  readonly start: number;
  readonly end: number;
  /** Index of an earlier run of the same component; the first run of a component has its own index. */
  parent: number;
}

interface Extent {
  readonly runs: readonly Run[];
  readonly area: number;
  readonly box: Box;
}

/**
 * A mask's largest 8-connected component, the first of equal ones in row-major order; null for an empty mask.
 */
export function findLargestComponent(mask: Mask): Component | null {
  return paint(mask, locateLargest(mask));
}

/** The 8-connected component of a mask that contains a pixel; null for a pixel outside the mask. */
export function findComponentAt(mask: Mask, x: number, y: number): Component | null {
  if (mask.data[y * mask.width + x] !== 1) return null;
  const holds = ({ row, start, end }: Run): boolean => row === y && start <= x && x < end;
  const runs = listComponents(mask).find((component) => component.some(holds))!;
  return paint(mask, { runs, area: areaOf(runs), box: boundRuns(runs) });
}

/** Like {@link findLargestComponent}, but gives the component as runs and not as a mask. */
export function locateLargest(mask: Mask): Extent | null {
  // The components come in the order of their first runs, so the first of equal ones stays the best.
  let best: { runs: Run[]; area: number } | null = null;
  for (const component of listComponents(mask)) {
    const area = areaOf(component);
    if (best === null || area > best.area) best = { runs: component, area };
  }
  return best === null ? null : { ...best, box: boundRuns(best.runs) };
}

/** The components of a mask, in the order of their first runs, row by row. */
function listComponents(mask: Mask): Run[][] {
  const runs = joinRuns(mask);
  const components = new Map<number, Run[]>();
  for (const run of runs) {
    const root = findRoot(runs, run);
    const component = components.get(root);
    if (component === undefined) components.set(root, [run]);
    else component.push(run);
  }
  return [...components.values()];
}

function areaOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { start, end }) => sum + end - start, 0);
}

function paint(mask: Mask, found: Extent | null): Component | null {
  if (found === null) return null;
  const data = new Uint8Array(mask.data.length);
  for (const { row, start, end } of found.runs) {
    data.fill(1, row * mask.width + start, row * mask.width + end);
  }
  return { mask: { ...mask, data }, area: found.area, box: found.box };
}

/** The runs of a mask, row by row. Each is united with the runs of the row above that it touches. */
function joinRuns({ width, data }: Mask): Run[] {
  const runs: Run[] = [];
  let row = -1;
  /** Runs from this index up to `first` are in the row above and may touch later runs of this row. */
  let above = 0;
  /** Index of the first run of the current row. */
  let first = 0;
  // indexOf is native code and fast; most rows of a mask have no run.
  for (let at = data.indexOf(1); at >= 0; at = data.indexOf(1, at)) {
    const found = Math.floor(at / width);
    if (found !== row) {
      above = found === row + 1 ? first : runs.length;
      first = runs.length;
      row = found;
    }
    const start = at - row * width;
    let end = start + 1;
    while (end < width && data[row * width + end] !== 0) end++;
    const run = { row, start, end, parent: runs.length };
    runs.push(run);
    // A run above that ends before this run's left corner touches no run further right either.
    while (above < first && runs[above]!.end < start) above++;
    for (let i = above; i < first && runs[i]!.start <= end; i++) unite(runs, runs[i]!, run);
    at = row * width + end;
  }
  return runs;
}

function findRoot(runs: readonly Run[], run: Run): number {
  let root = run;
  while (runs[root.parent] !== root) {
    root.parent = runs[root.parent]!.parent;
    root = runs[root.parent]!;
  }
  run.parent = root.parent;
  return root.parent;
}

/** Joins the components of two runs; the earlier root becomes the root of both. */
function unite(runs: readonly Run[], a: Run, b: Run): void {
  const [i, j] = [findRoot(runs, a), findRoot(runs, b)];
  runs[Math.max(i, j)]!.parent = Math.min(i, j);
}

function boundRuns(runs: readonly Run[]): Box {
  let [left, right] = [Infinity, 0];
  for (const { start, end } of runs) {
    left = Math.min(left, start);
    right = Math.max(right, end);
  }
  const top = runs[0]!.row;
  return { x: left, y: top, width: right - left, height: runs[runs.length - 1]!.row - top + 1 };
}
