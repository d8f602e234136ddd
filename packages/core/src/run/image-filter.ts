import { isFailure } from './read-results.ts';
import type { FailureLine, ResultLine } from './result-line.ts';

/**
 * Which images of a run are looked at: the page of a run and the reports of the command choose by the same
 * functions.
 */

type Line = ResultLine | FailureLine;

/** Kinds of images; `wrong` are those whose most probable class is not the true one. */
export const lineSelections = ['all', 'failed', 'blank', 'wrong'] as const;
export type LineSelection = (typeof lineSelections)[number];

/** Ranges of the most probable class's probability: below 0.5, from 0.5 to 0.9, and from 0.9 on. */
export const certainties = ['any', 'unsure', 'between', 'sure'] as const;
export type Certainty = (typeof certainties)[number];

/** The model is unsure below this probability. */
const UNSURE = 0.5;
const SURE = 0.9;

/**
 * The text of a line in which words are looked for, in lower case: the image, its classes, its question or
 * caption, and the methods, layers and targets of its maps.
 */
export function searchedText(line: Line): string {
  if (isFailure(line)) {
    return [line.image, line.question ?? '', 'failed', line.error].join(' ').toLowerCase();
  }
  const { image, predictions, truth, text, explanations } = line;
  const words = [
    image,
    nameOf(predictions[0]),
    nameOf(truth),
    ...(text === undefined
      ? []
      : 'caption' in text
        ? text.caption.map(({ word }) => word)
        : [text.question]),
    ...explanations.flatMap(({ method, layer, target }) => [method, layer, nameOf(target)]),
  ];
  return words.join(' ').toLowerCase();
}

/** The words of a filter, as {@link searchedText} has them. An image must have all of them. */
export function splitFilter(filter: string): string[] {
  return filter.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Whether a displayed map of an image is zero everywhere. */
export function hasBlankMap(line: Line): boolean {
  if (isFailure(line)) return false;
  return line.explanations.some(({ diagnostics }) => diagnostics.blank !== undefined);
}

/** Whether an image is of a kind. */
export function isSelected(line: Line, selection: LineSelection): boolean {
  switch (selection) {
    case 'all':
      return true;
    case 'failed':
      return isFailure(line);
    case 'blank':
      return hasBlankMap(line);
    case 'wrong':
      return !isFailure(line) && line.correct === false;
  }
}

/** Whether the most probable class of an image is as certain as that. An image that failed has none. */
export function isCertain(line: Line, certainty: Certainty): boolean {
  if (certainty === 'any') return true;
  const probability = isFailure(line) ? undefined : line.predictions[0]?.probability;
  if (probability === undefined) return false;
  if (certainty === 'unsure') return probability < UNSURE;
  if (certainty === 'sure') return probability >= SURE;
  return probability >= UNSURE && probability < SURE;
}

function nameOf(of: { readonly index: number; readonly label?: string } | undefined): string {
  return of === undefined ? '' : (of.label ?? `class ${of.index}`);
}
