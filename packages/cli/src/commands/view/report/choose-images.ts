import {
  isCertain,
  isFailure,
  isSelected,
  latestLines,
  searchedText,
  splitFilter,
  type Certainty,
  type FailureLine,
  type LineSelection,
  type ResultLine,
} from '@gradcam/core';

type Line = ResultLine | FailureLine;

/** Which images of a run the report contains: those that the page shows with the same filters. */
export interface ImageChoice {
  /** Words that an image's path, classes, methods or layers must all contain; empty for every image. */
  readonly filter: string;
  readonly only: LineSelection;
  /** Name or index of the first predicted class; undefined for any. */
  readonly predicted?: string | undefined;
  /** Name or index of the true class; undefined for any. */
  readonly truth?: string | undefined;
  readonly certainty: Certainty;
  readonly limit: number;
}

/**
 * Chooses the lines of the images for the report, in the order of the run. If an image was explained again,
 * its last line counts.
 *
 * @returns `lines`: the first images that pass the filters; `matching`: the number of all that pass.
 */
export function chooseImages(
  lines: readonly Line[],
  choice: ImageChoice,
): { lines: Line[]; matching: number } {
  const { only, certainty, predicted, truth } = choice;
  const words = splitFilter(choice.filter);
  const chosen = latestLines(lines).filter((line) => {
    const text = searchedText(line);
    return (
      isSelected(line, only) &&
      isCertain(line, certainty) &&
      isClass(predictedOf(line), predicted) &&
      isClass(truthOf(line), truth) &&
      words.every((word) => text.includes(word))
    );
  });
  return { lines: chosen.slice(0, choice.limit), matching: chosen.length };
}

/** A class of an image. */
export type NamedClass = { readonly index: number; readonly label?: string };

/** The most probable class of an image, where it has one. */
export function predictedOf(line: Line): NamedClass | undefined {
  return isFailure(line) ? undefined : line.predictions[0];
}

/** The true class of an image, where it is known. */
export function truthOf(line: Line): NamedClass | undefined {
  return isFailure(line) ? undefined : line.truth;
}

/** Whether a class is the wanted one; digits are an index, as for `--target`. */
export function isClass(of: NamedClass | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (of === undefined) return false;
  if (/^\d+$/.test(wanted)) return String(of.index) === wanted;
  return of.label?.toLowerCase() === wanted.toLowerCase();
}
