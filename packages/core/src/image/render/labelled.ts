import type { RgbImage } from '../rgb-image.ts';
import { createCanvas, pasteImage, type Rgb } from './canvas.ts';
import { gapOf, renderLegend, type BarColours } from './legend.ts';
import { drawText, textHeight, wrapText } from './text.ts';

export interface LabelOptions {
  /** The lines of text below the picture. A long line continues in the next one. */
  readonly lines: readonly string[];
  readonly colormap: BarColours;
  /** Values at the ends of the bar; default 0 to 1. */
  readonly range?: readonly [from: number, to: number];
  readonly ticks?: readonly number[];
}

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [0, 0, 0];

/** A narrower picture is padded with white on the right, since a line of text needs this width. */
const MIN_WIDTH = 160;

/** The font size for a width: 12 pixels up to 660, and larger in proportion in a wider picture. */
export function fontSizeFor(width: number): number {
  return Math.max(12, Math.round(width / 55));
}

/**
 * Adds text and a colour bar below the picture, in a size that fits the picture's. RGB. The picture stands
 * at the upper left and is not changed.
 */
export function renderLabelled(picture: RgbImage, options: LabelOptions): RgbImage {
  const { lines, colormap, range = [0, 1], ticks } = options;
  const width = Math.max(picture.width, MIN_WIDTH);
  const fontSize = fontSizeFor(width);
  const gap = gapOf(fontSize);
  const step = textHeight(fontSize);
  const rows = lines.flatMap((line) => wrapText(line, width - 2 * gap, fontSize));
  const bar = renderLegend({ colormap, width, range, fontSize, ticks });
  const top = picture.height + (rows.length === 0 ? 0 : gap + rows.length * step);
  const canvas = createCanvas(width, top + bar.height, PAPER);
  pasteImage(canvas, picture, 0, 0);
  rows.forEach((row, i) => {
    const place = { x: gap, y: picture.height + gap + i * step };
    drawText(canvas, row, place, INK, fontSize);
  });
  pasteImage(canvas, bar, 0, top);
  return canvas;
}
