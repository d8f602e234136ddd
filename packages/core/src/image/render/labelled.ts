import type { ColormapName } from '../colormaps/colormap.ts';
import type { RgbImage } from '../rgb-image.ts';
import { createCanvas, drawText, pasteImage, textHeight, wrapText, type Rgb } from './canvas.ts';
import { renderLegend } from './legend.ts';

export interface LabelOptions {
  /** The lines of text below the picture. A long line continues in the next one. */
  readonly lines: readonly string[];
  /** `diverging` for the colours of a signed map. */
  readonly colormap: ColormapName | 'diverging';
  /** Values at the ends of the bar; default 0 to 1. */
  readonly range?: readonly [from: number, to: number];
  readonly ticks?: readonly number[];
}

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [0, 0, 0];

/** A narrower picture is padded with white on the right, since a line of text needs this width. */
const MIN_WIDTH = 160;

/** The size of a font pixel is the width divided by this: text is 10 pixels high at 224, 30 at 2000. */
const WIDTH_PER_SCALE = 330;

/**
 * Adds text and a colour bar below the picture, in a size that fits the picture's. RGB. The picture stands
 * at the upper left and is not changed.
 */
export function renderLabelled(picture: RgbImage, options: LabelOptions): RgbImage {
  const { lines, colormap, range = [0, 1], ticks } = options;
  const width = Math.max(picture.width, MIN_WIDTH);
  const scale = Math.max(2, Math.round(width / WIDTH_PER_SCALE));
  const gap = 2 * scale;
  const step = textHeight(scale) + gap;
  const rows = lines.flatMap((line) => wrapText(line, width - 2 * gap, scale));
  const bar = renderLegend({ colormap, width, range, scale, ticks });
  const top = picture.height + gap + rows.length * step;
  const canvas = createCanvas(width, top + bar.height, PAPER);
  pasteImage(canvas, picture, 0, 0);
  rows.forEach((row, i) => {
    drawText(canvas, row, { x: gap, y: picture.height + gap + i * step }, INK, scale);
  });
  pasteImage(canvas, bar, 0, top);
  return canvas;
}
