import { isFailure, type FailureLine, type ResultLine } from '@gradcam/core';

/** Kinds of images, as the page has them in its toolbar. */
export const selections = ['all', 'wrong', 'failed', 'blank'] as const;
export type Selection = (typeof selections)[number];

/** Ranges of the first class's probability, as the page has them. */
export const certainties = ['any', 'unsure', 'between', 'sure'] as const;
export type Certainty = (typeof certainties)[number];

/** Which images of a run the report contains: those that the page shows with the same filters. */
export interface ImageChoice {
  /** Words that an image's path, classes, methods or layers must all contain; empty for every image. */
  readonly filter: string;
  readonly only: Selection;
  /** Name or index of the first predicted class; undefined for any. */
  readonly predicted?: string | undefined;
  /** Name or index of the true class; undefined for any. */
  readonly truth?: string | undefined;
  readonly certainty: Certainty;
  readonly limit: number;
}

/** The bounds of the probabilities, each below the second one. */
const probabilities: Readonly<Record<Certainty, readonly [number, number]>> = {
  any: [-Infinity, Infinity],
  unsure: [0, 0.5],
  between: [0.5, 0.9],
  sure: [0.9, Infinity],
};

/**
 * Chooses the lines of the images for the report, in the order of the run. If an image was explained again,
 * its last line counts.
 *
 * @returns `lines`: the first images that pass the filters; `matching`: the number of all that pass.
 */
export function chooseImages(
  lines: readonly (ResultLine | FailureLine)[],
  choice: ImageChoice,
): { lines: (ResultLine | FailureLine)[]; matching: number } {
  const words = choice.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const latest = new Map(lines.map((line) => [line.image, line]));
  const chosen = [...latest.values()].filter((line) => {
    const text = describeLine(line).toLowerCase();
    return isChosen(line, choice) && words.every((word) => text.includes(word));
  });
  return { lines: chosen.slice(0, choice.limit), matching: chosen.length };
}

function isChosen(line: ResultLine | FailureLine, choice: ImageChoice): boolean {
  const { only, predicted, truth, certainty } = choice;
  if (isFailure(line)) {
    const isAny = predicted === undefined && truth === undefined && certainty === 'any';
    return (only === 'all' || only === 'failed') && isAny;
  }
  if (only === 'failed' || (only === 'wrong' && line.correct !== false)) return false;
  const isBlank = line.explanations.some(({ diagnostics }) => diagnostics.blank !== undefined);
  if (only === 'blank' && !isBlank) return false;
  const [best] = line.predictions;
  return (
    isClass(best, predicted) && isClass(line.truth, truth) && isWithin(best?.probability, certainty)
  );
}

type Class = { readonly index: number; readonly label?: string };

function isClass(of: Class | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (of === undefined) return false;
  // Digits are an index, as for --target.
  if (/^\d+$/.test(wanted)) return String(of.index) === wanted;
  return of.label?.toLowerCase() === wanted.toLowerCase();
}

function isWithin(probability: number | undefined, certainty: Certainty): boolean {
  if (certainty === 'any') return true;
  const [least, below] = probabilities[certainty];
  return probability !== undefined && probability >= least && probability < below;
}

/** The text of a line in which the filter searches, the same as in the page's own filter. */
function describeLine(line: ResultLine | FailureLine): string {
  if (isFailure(line)) return `${line.image} failed ${line.error}`;
  const [best] = line.predictions;
  const explained = line.explanations.flatMap(({ method, layer, target }) => [
    method,
    layer,
    nameOf(target),
  ]);
  return [line.image, nameOf(best), nameOf(line.truth), ...explained].join(' ');
}

function nameOf(of: Class | undefined): string {
  return of === undefined ? '' : (of.label ?? `class ${of.index}`);
}
