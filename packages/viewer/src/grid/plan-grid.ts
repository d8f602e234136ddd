import type { Entry } from '../run/entry.ts';
import { hasManyMaps, measureCard, measures } from './card-measures.ts';

/** A row of cards. */
export interface GridRow {
  /** Distance from the top of the grid, in pixels. */
  readonly top: number;
  readonly height: number;
  /** Index of the row's first card. */
  readonly first: number;
}

/** The place of every card in the grid, whether it is drawn or not. */
export interface GridPlan {
  readonly columns: number;
  readonly cardWidth: number;
  readonly gap: number;
  readonly rows: readonly GridRow[];
  readonly height: number;
  /** Whether maps stand side by side in every card, because one of the images has several. */
  readonly isMany: boolean;
  /** The height of each card, in pixels. */
  readonly heights: Float64Array;
}

/**
 * Places all cards: as many columns as fit, and each row as high as its highest card.
 *
 * @param narrowest the least width of a card, in rem. A card is narrower only where the window is.
 */
export function planGrid(
  entries: readonly Entry[],
  width: number,
  rem: number,
  narrowest: number = measures.narrowest,
): GridPlan {
  const gap = measures.gap * rem;
  const columns = Math.max(1, Math.floor((width + gap) / (narrowest * rem + gap)));
  const cardWidth = (width - (columns - 1) * gap) / columns;
  const isMany = entries.some(hasManyMaps);
  const shape = { width: cardWidth, isMany };
  const heights = Float64Array.from(entries, (entry) => measureCard(entry, shape, rem));
  const rows: GridRow[] = [];
  let top = 0;
  for (let first = 0; first < entries.length; first += columns) {
    const height = heights.subarray(first, first + columns).reduce((a, b) => Math.max(a, b), 0);
    rows.push({ top, height, first });
    top += height + gap;
  }
  return { columns, cardWidth, gap, rows, height: Math.max(0, top - gap), heights, isMany };
}

/** The rows that touch a stretch of the grid, as a half-open range of row indices. */
export function rowsWithin(
  { rows }: GridPlan,
  from: number,
  to: number,
): readonly [start: number, end: number] {
  const start = firstRow(rows, ({ top, height }) => top + height > from);
  const end = firstRow(rows, ({ top }) => top >= to);
  return [start, Math.max(start, end)];
}

/** Index of the first row that passes. If a row passes, all rows after it must pass too. */
function firstRow(rows: readonly GridRow[], passes: (row: GridRow) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(rows[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
