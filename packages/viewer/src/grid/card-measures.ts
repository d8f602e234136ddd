import type { ResultLine } from '@gradcam/core';
import type { Entry } from '../run/entry.ts';
import { captionOf, questionOf } from '../text/words.ts';
import { listCardMaps, type CardMaps } from './card-maps.ts';

/**
 * Heights of the parts of a card, in rem. The style sheet takes them from here (see
 * `measureProperties`), so that the height of every card is known without drawing it.
 */
export const measures = {
  /** Name and prediction. */
  header: 3.75,
  /** One line of the header. A question adds one, and an image with a caption has no prediction. */
  line: 1.35,
  /** One row of a caption's words. */
  words: 2.1,
  /** Target, probability and score below a picture. */
  caption: 3.5,
  /** The note of a blank map, cut to three lines. */
  note: 4.6,
  /** The line that says how many further maps there are. */
  more: 2.5,
  /** Name and error, cut to five lines. */
  failed: 10,
  gap: 1,
  narrowest: 21,
} as const;

/** Height of a picture divided by its width. Pictures of any shape are shown in equal frames. */
export const PICTURE_SHAPE = 3 / 4;

/** Width of a card's left and right borders together, in pixels. */
const BORDERS = 2;

/** The measures as custom properties for the style sheet. */
export const measureProperties: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(measures).map(([name, rem]) => [`--card-${name}`, `${rem}rem`]),
);

/** The shape that all cards of a grid share: a card with one map is not larger than its neighbours. */
export interface CardShape {
  /** Width of a card, in pixels. */
  readonly width: number;
  /** Whether maps stand side by side, because an image of the grid has several. */
  readonly isMany: boolean;
}

/** Whether an image's card shows several maps. */
export function hasManyMaps(entry: Entry): boolean {
  return entry.kind === 'explained' && listCardMaps(entry.line).some(({ maps }) => maps.length > 1);
}

/**
 * Height of an image's card in pixels.
 *
 * @param rem pixels of a rem.
 */
export function measureCard(entry: Entry, shape: CardShape, rem: number): number {
  if (entry.kind === 'failed') return measures.failed * rem;
  const { line } = entry;
  const lines = Number(questionOf(line) !== null) - Number(captionOf(line) !== null);
  const header = measures.header + lines * measures.line;
  const words = measures.words * countWordRows(line, shape, rem);
  const heights = listCardMaps(line).map((shown) => measureMaps(shown, shape, rem));
  return BORDERS + (header + words) * rem + Math.max(...heights);
}

/** Height of the maps that a card shows at the same time, in pixels. */
function measureMaps({ maps, hidden }: CardMaps, shape: CardShape, rem: number): number {
  const isBlank = maps.map(({ diagnostics }) => diagnostics.blank !== undefined);
  const more = hidden > 0 ? measures.more * rem : 0;
  const picture = pictureWidth(shape) * PICTURE_SHAPE;
  let height = more;
  if (!shape.isMany && isBlank.length === 1) {
    return height + picture + captionHeight(isBlank, rem);
  }
  // If the last map stands alone in its row, its text is beside it.
  for (let i = 0; i < isBlank.length; i += 2) {
    const pair = isBlank.slice(i, i + 2);
    const caption = captionHeight(pair, rem);
    height += pair.length === 2 ? picture + caption : Math.max(picture, caption);
    if (i > 0) height += 1;
  }
  return height;
}

/**
 * Width of each picture of a card, in pixels. A single picture has the card's width; two side by side share
 * it, with one pixel between them.
 */
export function pictureWidth({ width, isMany }: CardShape): number {
  return isMany ? (width - BORDERS - 1) / 2 : width - BORDERS;
}

function captionHeight(isBlank: readonly boolean[], rem: number): number {
  return (measures.caption + (isBlank.includes(true) ? measures.note : 0)) * rem;
}

/** Widths of a word's button in rem: of a letter, which is rather too much, and of what is around it. */
const LETTER = 0.58;
const AROUND = 1.3;
/** The left and right paddings of a card together, in rem. */
const PADDINGS = 1.5;

/** How many rows the words of a caption fill on a card, about; 0 for an image without a caption. */
export function countWordRows(line: ResultLine, { width }: CardShape, rem: number): number {
  const caption = captionOf(line);
  if (caption === null) return 0;
  const room = (width - BORDERS) / rem - PADDINGS;
  let [rows, used] = [1, 0];
  for (const word of [...caption.caption.map(({ word }) => word), 'whole sentence']) {
    const own = word.length * LETTER + AROUND;
    if (used > 0 && used + own > room) [rows, used] = [rows + 1, 0];
    used += own;
  }
  return rows;
}
