import type { RgbImage } from '../rgb-image.ts';
import { createCanvas, pasteImage, type Rgb } from './canvas.ts';
import { drawText, textHeight, wrapText } from './text.ts';

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
  /** The font size in pixels; default 12. */
  readonly fontSize?: number;
}

/**
 * Arranges pictures in rows, each in the upper left of its space with its caption below. No picture is
 * resized. A caption that is too long continues in the next line, and the row of its panel is higher. RGB;
 * transparent parts show the background.
 *
 * @throws RangeError for no panels, or for fewer columns than one.
 */
export function renderSheet(panels: readonly SheetPanel[], options: SheetOptions = {}): RgbImage {
  const { columns = panels.length, gap = 8, fontSize = 12 } = options;
  const { background = [255, 255, 255], ink = [0, 0, 0] } = options;
  if (panels.length === 0 || !(columns >= 1)) {
    throw new RangeError(`sheet: ${panels.length} pictures in ${columns} columns`);
  }
  const across = Math.min(Math.floor(columns), panels.length);
  const [width, height] = options.size ?? [
    Math.max(...panels.map(({ image }) => image.width)),
    Math.max(...panels.map(({ image }) => image.height)),
  ];
  const captions = panels.map(({ caption }) => captionLines(caption, width, fontSize));
  const tops: number[] = [];
  let bottom = gap;
  for (let first = 0; first < panels.length; first += across) {
    tops.push(bottom);
    const lines = Math.max(...captions.slice(first, first + across).map(({ length }) => length));
    bottom += height + captionHeight(lines, fontSize) + gap;
  }
  const sheet = createCanvas(across * (width + gap) + gap, bottom, background);
  panels.forEach(({ image }, i) => {
    const left = gap + (i % across) * (width + gap);
    const top = tops[Math.floor(i / across)]!;
    pasteImage(sheet, image, left, top);
    captions[i]!.forEach((row, line) => {
      const place = {
        x: left,
        y: top + image.height + Math.round(fontSize / 4) + line * textHeight(fontSize),
      };
      drawText(sheet, row, place, ink, fontSize);
    });
  });
  return sheet;
}

/** The lines of a caption below a picture of a width in pixels. */
export function captionLines(caption: string | undefined, width: number, fontSize = 12): string[] {
  if (caption === undefined || caption === '') return [];
  return caption.split('\n').flatMap((line) => wrapText(line, width, fontSize));
}

/** The height of a caption of some lines with the space above it, in pixels. */
export function captionHeight(lines: number, fontSize = 12): number {
  return lines === 0 ? 0 : Math.round(fontSize / 4) + lines * textHeight(fontSize);
}
