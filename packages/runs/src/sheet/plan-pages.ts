import { methods, toPrintable, type ResultExplanation, type ResultLine } from '@gradcam/core';
import path from 'node:path';
import { capitalise } from '../paint/capitalise.ts';
import { describeAnswer, describePrediction } from '../paint/describe-answer.ts';
import { describeTarget } from '../paint/describe-target.ts';

/** A place on a sheet: a picture of the run, an explained image, or nothing. */
export type Place =
  | {
      readonly kind: 'picture';
      readonly file: string;
      /**
       * Size of the explained image. A legend below the picture is not shown, since the caption repeats
       * it.
       */
      readonly size: { readonly width: number; readonly height: number };
      readonly caption: string;
    }
  | { readonly kind: 'image'; readonly line: ResultLine; readonly caption: string }
  | { readonly kind: 'empty' };

/** The sheets of one run. Each page is a list of places, row by row. */
export interface SheetPlan {
  readonly columns: number;
  readonly pages: readonly (readonly Place[])[];
  /** Number of images that are on no sheet. */
  readonly leftOut: number;
}

/** More columns would not fit on a screen. */
export const MAX_COLUMNS = 8;

/** Each sheet has some megapixels. The viewer is the tool for a run of 100,000 images. */
export const MAX_PAGES = 20;

/**
 * Places each image with its pictures next to it. A row holds as many groups as fit. A group longer than a
 * row continues in the next row, and the group after it begins a new row. A group is divided between sheets
 * only where it is longer than a sheet.
 */
export function planPages(lines: readonly ResultLine[], rowsPerPage: number): SheetPlan {
  const groups = lines.map((line) => placeGroup(line)).filter((places) => places.length > 1);
  const longest = Math.max(1, ...groups.map((places) => places.length));
  const columns = longest > MAX_COLUMNS ? MAX_COLUMNS : longest * Math.floor(MAX_COLUMNS / longest);
  // Short groups stand below each other in columns; a long one ends with its own last row.
  const padded = groups.map((places) =>
    pad(places, longest > MAX_COLUMNS ? columns * Math.ceil(places.length / columns) : longest),
  );
  const pages: Place[][] = [];
  let placed = 0;
  for (const places of padded) {
    const page = pages.at(-1);
    if (page !== undefined && page.length + places.length <= rowsPerPage * columns) {
      page.push(...places);
    } else if (pages.length < MAX_PAGES) {
      pages.push([...places]);
    } else break;
    placed += 1;
  }
  return { columns, pages, leftOut: padded.length - placed };
}

/** The image, then its overlays, or its heatmaps where it has no overlays. */
function placeGroup(line: ResultLine): Place[] {
  const [best] = line.predictions;
  const answer = best === undefined ? '' : capitalise(describePrediction(best));
  // What was asked or said takes the place of the image's name, which says less.
  const caption = writeCaption(titleOfText(line.text) ?? path.basename(line.image), answer);
  const pictures = line.explanations.flatMap((explanation): Place[] => {
    const file = explanation.files['overlay'] ?? explanation.files['heatmap'];
    if (file === undefined) return [];
    const { width, height } = line;
    return [
      { kind: 'picture', file, size: { width, height }, caption: describePlace(explanation) },
    ];
  });
  return [{ kind: 'image', line, caption }, ...pictures];
}

function titleOfText(text: ResultLine['text']): string | undefined {
  if (text === undefined) return undefined;
  if (!('caption' in text)) return text.question;
  return capitalise(text.caption.map(({ word }) => word).join(' '));
}

function describePlace({ target, method, layer, diagnostics }: ResultExplanation): string {
  const answer = describeAnswer(diagnostics);
  const blank = diagnostics.blank === undefined ? '' : ', blank';
  return writeCaption(
    `${capitalise(describeTarget(target))} ${answer}${blank}`,
    `${titleOf(method)} at ${layer}`,
  );
}

/** A method's title; for a method of another version, which this one does not know, its name. */
function titleOf(method: string): string {
  return methods.find(({ name }) => name === method)?.title ?? method;
}

/** A caption of two lines, even where a name holds line breaks. */
function writeCaption(first: string, second: string): string {
  return `${toPrintable(first)}\n${toPrintable(second)}`;
}

function pad(places: readonly Place[], length: number): Place[] {
  const missing = Math.max(0, length - places.length);
  return [...places, ...new Array<Place>(missing).fill({ kind: 'empty' })];
}
