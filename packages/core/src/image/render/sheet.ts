import type { RgbImage } from '../rgb-image.ts';
import { createCanvas, drawText, fitText, pasteImage, textHeight, type Rgb } from './canvas.ts';

/** One picture of a sheet, with the caption below it. */
export interface SheetPanel {
  readonly image: RgbImage;
  /** Text below the picture; `\n` starts a new line. */
  readonly caption?: string;
}

export interface SheetOptions {
  /** Number of panels in a row; default all. */
  readonly columns?: number;
  /** Size of the space for each picture; default the largest width and the largest height. */
  readonly size?: readonly [width: number, height: number];
  /** Pixels between panels and around them; default 8. */
  readonly gap?: number;
  readonly background?: Rgb;
  readonly ink?: Rgb;
  /** Size of a font pixel; default 2. */
  readonly scale?: number;
}

/**
 * Arranges pictures in rows, each in the upper left of its space with its caption below. No picture is
 * resized. A caption that is too long is shortened. RGB; transparent parts show the background.
 *
 * @throws RangeError for no panels, or for fewer columns than one.
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
