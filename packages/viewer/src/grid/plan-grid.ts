import type { Entry } from '../run/entry.ts';
import { measureCard, measures } from './card-measures.ts';

/** A row of cards. */
export interface GridRow {
  /** In pixels from the top of the grid. */
  readonly top: number;
  readonly height: number;
  /** Index of its first card. */
  readonly first: number;
}

/** Where every card of the grid lies, drawn or not. */
export interface GridPlan {
  readonly columns: number;
  readonly cardWidth: number;
  readonly gap: number;
  readonly rows: readonly GridRow[];
  readonly height: number;
  /** Of each card. */
  readonly heights: Float64Array;
}

/** Places all cards: as many columns as fit, rows as high as their highest card. */
export function planGrid(entries: readonly Entry[], width: number, rem: number): GridPlan {
  const gap = measures.gap * rem;
  const columns = Math.max(1, Math.floor((width + gap) / (measures.narrowest * rem + gap)));
  const cardWidth = (width - (columns - 1) * gap) / columns;
  const heights = Float64Array.from(entries, (entry) => measureCard(entry, cardWidth, rem));
  const rows: GridRow[] = [];
  let top = 0;
  for (let first = 0; first < entries.length; first += columns) {
    const height = heights.subarray(first, first + columns).reduce((a, b) => Math.max(a, b), 0);
    rows.push({ top, height, first });
    top += height + gap;
  }
  return { columns, cardWidth, gap, rows, height: Math.max(0, top - gap), heights };
}

/** Rows that touch a stretch of the grid, as half-open range of row indices. */
export function rowsWithin(
  { rows }: GridPlan,
  from: number,
  to: number,
): readonly [start: number, end: number] {
  const start = firstRow(rows, ({ top, height }) => top + height > from);
  const end = firstRow(rows, ({ top }) => top >= to);
  return [start, Math.max(start, end)];
}

/** Index of the first row that passes; rows pass from some row on. */
function firstRow(rows: readonly GridRow[], passes: (row: GridRow) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(rows[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
