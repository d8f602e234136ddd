import type { EvaluatedClass, EvaluatedImage } from './evaluation.ts';

/** The curve of a row: a mean over images, each counted once with the mean of its classes and questions. */
export interface MeanCurve {
  readonly row: string;
  readonly points: readonly number[];
  /** Number of images that have this curve. */
  readonly images: number;
}

/** The names of all curves in the lines, in the order of their first use. */
export function listCurves(images: readonly EvaluatedImage[]): string[] {
  const names = new Set<string>();
  for (const { classes } of images) {
    for (const { maps } of classes)
      for (const { curves } of maps) for (const name of curves.keys()) names.add(name);
  }
  return [...names];
}

/**
 * The mean curve of each row. Curves of another length than a row's first one are left out: they are of
 * an evaluation with other steps.
 *
 * @param rows in the order of the result; rows without such a curve are left out.
 */
export function meanCurves(
  images: readonly EvaluatedImage[],
  name: string,
  rows: readonly string[],
): MeanCurve[] {
  const byImage = new Map<string, EvaluatedClass[]>();
  for (const { image, classes } of images) {
    byImage.set(image, [...(byImage.get(image) ?? []), ...classes]);
  }
  return rows.flatMap((row) => {
    const means = [...byImage.values()].flatMap((classes) => {
      const own = classes.flatMap(({ maps }) => {
        const points = maps.find((map) => map.row === row)?.curves.get(name);
        return points === undefined || points.length === 0 ? [] : [points];
      });
      return own.length === 0 ? [] : [meanOf(own)];
    });
    const alike = means.filter(({ length }) => length === means[0]!.length);
    if (alike.length === 0) return [];
    return [{ row, points: meanOf(alike), images: alike.length }];
  });
}

/** The mean of curves at each point of the first. */
function meanOf(curves: readonly (readonly number[])[]): number[] {
  return curves[0]!.map(
    (_, i) => curves.reduce((sum, points) => sum + (points[i] ?? 0), 0) / curves.length,
  );
}
