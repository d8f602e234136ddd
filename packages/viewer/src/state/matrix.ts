import { targetKey, type ResultExplanation } from '@gradcam/core';

/** All maps of an image as a table: a row for each method at each layer, a column for each target. */
export interface Matrix {
  readonly rows: readonly {
    readonly method: string;
    readonly layer: string;
    /** In the order of the columns; undefined where no such map was asked for. */
    readonly cells: readonly (ResultExplanation | undefined)[];
  }[];
  /** For each column any of its explanations, which all have the same target. */
  readonly columns: readonly ResultExplanation[];
}

/** Arranges the explanations of an image, rows and columns in the order of their first use. */
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
