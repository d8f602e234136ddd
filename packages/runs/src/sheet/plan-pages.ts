import { toPrintable, type ResultExplanation, type ResultLine } from '@gradcam/core';
import path from 'node:path';
import { describeAnswer, describePrediction } from '../paint/describe-answer.ts';
import { describeTarget } from '../paint/describe-target.ts';

/** A place on a sheet: a picture of the run, an image that was explained, or nothing. */
export type Place =
  | { readonly kind: 'picture'; readonly file: string; readonly caption: string }
  | { readonly kind: 'image'; readonly line: ResultLine; readonly caption: string }
  | { readonly kind: 'empty' };

/** Sheets of one run, each a list of places, row by row. */
export interface SheetPlan {
  readonly columns: number;
  readonly pages: readonly (readonly Place[])[];
  /** Images for which there was no sheet left. */
  readonly leftOut: number;
}

/** More across would not fit a screen. */
export const MAX_COLUMNS = 8;

/** Each sheet is a picture of some megapixels; a run of 100,000 images is for the viewer. */
export const MAX_PAGES = 20;

/**
 * Places each image with its pictures beside it. As many groups as fit stand in a row; a group that
 * is longer than a row goes on in the next, and the next begins a new one. Groups are not parted
 * between sheets but where one alone is longer than a sheet.
 */
export function planPages(lines: readonly ResultLine[], rowsPerPage: number): SheetPlan {
  const groups = lines.map((line) => placeGroup(line)).filter((places) => places.length > 1);
  const longest = Math.max(1, ...groups.map((places) => places.length));
  const columns = longest > MAX_COLUMNS ? MAX_COLUMNS : longest * Math.floor(MAX_COLUMNS / longest);
  const size = Math.ceil(longest / columns) * columns;
  const padded = groups.map((places) => pad(places, longest > MAX_COLUMNS ? size : longest));
  const perPage = Math.max(1, Math.floor((rowsPerPage * columns) / (padded[0]?.length ?? 1)));
  const pages: Place[][] = [];
  for (let first = 0; first < padded.length && pages.length < MAX_PAGES; first += perPage) {
    pages.push(padded.slice(first, first + perPage).flat());
  }
  return { columns, pages, leftOut: Math.max(0, padded.length - MAX_PAGES * perPage) };
}

/** The image, then its overlays, or heatmaps where there are none. */
function placeGroup(line: ResultLine): Place[] {
  const [best] = line.predictions;
  const caption = writeCaption(
    path.basename(line.image),
    best === undefined ? '' : describePrediction(best),
  );
  const pictures = line.explanations.flatMap((explanation): Place[] => {
    const file = explanation.files['overlay'] ?? explanation.files['heatmap'];
    if (file === undefined) return [];
    return [{ kind: 'picture', file, caption: describePlace(explanation) }];
  });
  return [{ kind: 'image', line, caption }, ...pictures];
}

function describePlace({ target, method, layer, diagnostics }: ResultExplanation): string {
  const answer = describeAnswer(diagnostics);
  const blank = diagnostics.blank === undefined ? '' : ', blank';
  return writeCaption(`${describeTarget(target)} ${answer}${blank}`, `${method} ${layer}`);
}

/** Two lines, whatever the names in them hold. */
function writeCaption(first: string, second: string): string {
  return `${toPrintable(first)}\n${toPrintable(second)}`;
}

function pad(places: readonly Place[], length: number): Place[] {
  const missing = Math.max(0, length - places.length);
  return [...places, ...new Array<Place>(missing).fill({ kind: 'empty' })];
}
