import type { RgbImage } from '../rgb-image.ts';
import { createCanvas, drawText, fitText, pasteImage, textHeight, type Rgb } from './canvas.ts';

/** One picture of a sheet and what is written below it. */
export interface SheetPanel {
  readonly image: RgbImage;
  /** May have several lines. */
  readonly caption?: string;
}

export interface SheetOptions {
  /** Panels side by side; default all in one row. */
  readonly columns?: number;
  /** Of each place; default as large as the largest picture. */
  readonly size?: readonly [width: number, height: number];
  /** Pixels between panels and around them; default 8. */
  readonly gap?: number;
  readonly background?: Rgb;
  readonly ink?: Rgb;
  /** Size of a font pixel; default 2. */
  readonly scale?: number;
}

/**
 * Puts pictures side by side, row by row, each in the upper left of its place with its caption below.
 * Nothing is resized. A caption that is too long is cut.
 * RGB; transparent parts show the background.
 *
 * @throws RangeError without a panel, or for a number of columns below one.
 */
export function renderSheet(panels: readonly SheetPanel[], options: SheetOptions = {}): RgbImage {
  const { columns = panels.length, gap = 8, scale = 2 } = options;
  const { background = [255, 255, 255], ink = [0, 0, 0] } = options;
  if (panels.length === 0 || !(columns >= 1)) {
    throw new RangeError(`sheet: ${panels.length} pictures in ${columns} columns`);
  }
  const across = Math.min(Math.floor(columns), panels.length);
  const rows = Math.ceil(panels.length / across);
  const [width, height] = options.size ?? [
    Math.max(...panels.map(({ image }) => image.width)),
    Math.max(...panels.map(({ image }) => image.height)),
  ];
  const line = 2 * scale + textHeight(scale);
  const text = Math.max(...panels.map(({ caption }) => splitLines(caption).length)) * line;
  const step = { x: width + gap, y: height + text + gap };
  const sheet = createCanvas(across * step.x + gap, rows * step.y + gap, background);
  panels.forEach(({ image, caption }, i) => {
    const left = gap + (i % across) * step.x;
    const top = gap + Math.floor(i / across) * step.y;
    pasteImage(sheet, image, left, top);
    splitLines(caption).forEach((row, place) => {
      const below = { x: left, y: top + image.height + 2 * scale + place * line };
      drawText(sheet, fitText(row, width, scale), below, ink, scale);
    });
  });
  return sheet;
}

function splitLines(caption = ''): string[] {
  return caption === '' ? [] : caption.split('\n');
}
