import { bootstrapMean } from '@gradcam/core/evidence';
import type { Cell, EvaluatedClass, EvaluatedImage, Evaluation, RowName } from './evaluation.ts';

/** A metric, and whether a good map has a high or a low value. */
export interface MetricColumn {
  readonly name: string;
  readonly better: string;
}

/**
 * The fewest images for a verdict. With fewer than six, all differences have the same sign by chance in more
 * than 5 % of the cases, and a bootstrap interval of so few images is too narrow.
 */
export const VERDICT_IMAGES = 6;

/**
 * Computes the rows of the table: for each row and metric the mean over images with its bootstrap interval.
 * An image with several classes or questions counts once, with the mean of all. A method beats a baseline if
 * the interval of the difference, image by image, lies on the better side of 0; with fewer than six images
 * there is no verdict.
 */
export function summarise(
  lines: readonly EvaluatedImage[],
  rows: readonly RowName[],
  metrics: readonly MetricColumn[],
  seed: number,
): Evaluation['rows'] {
  const images = joinQuestions(lines);
  const valuesOf = (row: string, metric: string): (number | null)[] =>
    images.map(({ classes }) =>
      meanOf(
        classes.map(({ maps }) => maps.find((map) => map.row === row)?.values[metric] ?? null),
      ),
    );
  const baselines = rows.filter(({ kind }) => kind === 'baseline').map(({ row }) => row);
  return rows.map(({ row, kind }) => {
    const cells = metrics.map(({ name, better }): [string, Cell | null] => {
      const own = valuesOf(row, name);
      const mean = bootstrapMean(own, { seed });
      if (mean === null || kind === 'baseline' || better === 'neither') return [name, mean];
      if (mean.images < VERDICT_IMAGES) return [name, mean];
      const beats = baselines.filter((other) => {
        const theirs = valuesOf(other, name);
        const differences = own.map((value, i) =>
          value === null || theirs[i] === null ? null : value - theirs[i]!,
        );
        const found = bootstrapMean(differences, { seed });
        return found !== null && (better === 'higher' ? found.low > 0 : found.high < 0);
      });
      const doesNotBeat = baselines.filter((other) => !beats.includes(other));
      return [name, { ...mean, beats, doesNotBeat }];
    });
    const ms = bootstrapMean(
      images.map(({ ms }) => meanOf(ms.map((one) => one[row] ?? null))),
      { seed },
    );
    return { row, kind, cells: Object.fromEntries(cells), ms };
  });
}

/** All that was explained of one image. Maps of one picture are alike, so they are one observation. */
interface ExplainedImage {
  readonly classes: readonly EvaluatedClass[];
  readonly ms: readonly EvaluatedImage['ms'][];
}

function joinQuestions(lines: readonly EvaluatedImage[]): readonly ExplainedImage[] {
  const joined = new Map<string, ExplainedImage>();
  for (const { image, classes, ms } of lines) {
    const before = joined.get(image) ?? { classes: [], ms: [] };
    joined.set(image, { classes: [...before.classes, ...classes], ms: [...before.ms, ms] });
  }
  return [...joined.values()];
}

/** The mean over the classes that have a value; null if none has one. */
function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
