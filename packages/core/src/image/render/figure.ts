import type { RgbImage } from '../rgb-image.ts';
import { createCanvas, pasteImage, type Canvas, type Rgb } from './canvas.ts';
import { fontSizeFor } from './labelled.ts';
import { drawText, textHeight, wrapText } from './text.ts';

/** Pictures side by side in rows, with a title above each column. */
export interface Figure {
  readonly titles: readonly string[];
  readonly rows: readonly {
    /** Text below the row. */
    readonly label: string;
    /** A picture for each title; all pictures of a figure have one size. */
    readonly pictures: readonly RgbImage[];
  }[];
  /** Lines of text below all rows. */
  readonly notes?: readonly string[];
}

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [0, 0, 0];
const FAINT: Rgb = [90, 90, 90];

/**
 * Draws a figure. No picture is resized and no text is cut: a long text continues in the next line. RGB,
 * dark on white; transparent parts of pictures show the white.
 *
 * @throws RangeError for a figure without rows, for pictures of several sizes, and for a row with more
 *   or fewer pictures than titles.
 */
export function renderFigure({ titles, rows, notes = [] }: Figure): RgbImage {
  const [first] = rows[0]?.pictures ?? [];
  if (first === undefined) throw new RangeError('figure: no pictures');
  for (const { pictures } of rows) {
    if (pictures.length !== titles.length) {
      throw new RangeError(`figure: ${pictures.length} pictures for ${titles.length} titles`);
    }
    const other = pictures.find((one) => one.width !== first.width || one.height !== first.height);
    if (other !== undefined) {
      throw new RangeError(
        `figure: pictures of ${first.width}x${first.height} and ${other.width}x${other.height}`,
      );
    }
  }
  const size = fontSizeFor(first.width * 2);
  const gap = Math.round(size * 0.75);
  const line = textHeight(size);
  const width = titles.length * (first.width + gap) + gap;
  const heads = titles.map((title) => wrapText(title, first.width, size));
  const labels = rows.map(({ label }) => wrapText(label, width - 2 * gap, size));
  const below = notes.flatMap((note) => wrapText(note, width - 2 * gap, size));
  const headHeight = Math.max(...heads.map(({ length }) => length)) * line;
  const rowHeights = labels.map(({ length }) => first.height + length * line + gap);
  const rowsHeight = rowHeights.reduce((sum, height) => sum + height, 0);
  const height = gap + headHeight + rowsHeight + below.length * line + gap;
  const canvas = createCanvas(width, height, PAPER);
  heads.forEach((text, i) => {
    const top = gap + headHeight - text.length * line;
    writeLines(canvas, text, { x: gap + i * (first.width + gap), y: top }, INK, size);
  });
  let top = gap + headHeight;
  rows.forEach(({ pictures }, row) => {
    pictures.forEach((picture, i) => {
      pasteImage(canvas, picture, gap + i * (first.width + gap), top);
    });
    writeLines(canvas, labels[row]!, { x: gap, y: top + first.height }, INK, size);
    top += rowHeights[row]!;
  });
  writeLines(canvas, below, { x: gap, y: top }, FAINT, size);
  return canvas;
}

function writeLines(
  canvas: Canvas,
  lines: readonly string[],
  { x, y }: { readonly x: number; readonly y: number },
  colour: Rgb,
  size: number,
): void {
  lines.forEach((text, i) =>
    drawText(canvas, text, { x, y: y + i * textHeight(size) }, colour, size),
  );
}
