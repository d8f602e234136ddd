import { targetKey, type ResultExplanation } from '@gradcam/core';

/** All maps of an image as a table: a row for each method at each layer, a column for each target. */
export interface Matrix {
  readonly rows: readonly {
    readonly method: string;
    readonly layer: string;
    /** The cells in the order of the columns; undefined if the run has no such map. */
    readonly cells: readonly (ResultExplanation | undefined)[];
  }[];
  /** One explanation for each column. All explanations of a column have the same target. */
  readonly columns: readonly ResultExplanation[];
}

/**
 * Arranges the explanations of an image in a table, with rows and columns in the order of their first use.
 */
export function arrangeMatrix(explanations: readonly ResultExplanation[]): Matrix {
  const columns = firstOfEach(explanations, columnKey);
  const rows = firstOfEach(explanations, rowKey).map((first) => ({
    method: first.method,
    layer: first.layer,
    cells: columns.map((column) =>
      explanations.find(
        (one) => rowKey(one) === rowKey(first) && columnKey(one) === columnKey(column),
      ),
    ),
  }));
  return { rows, columns };
}

function rowKey({ method, layer }: ResultExplanation): string {
  return `${method}/${layer}`;
}

function columnKey({ target }: ResultExplanation): string {
  return targetKey(target);
}

function firstOfEach<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const seen = new Map<string, T>();
  for (const item of items) if (!seen.has(keyOf(item))) seen.set(keyOf(item), item);
  return [...seen.values()];
}
