import { checkPixelCount } from '../image-limits.ts';
import type { RgbImage } from '../rgb-image.ts';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRows } from './pixel-font.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** An RGB image that can be drawn on. */
export interface Canvas extends RgbImage {
  readonly channels: 3;
  readonly data: Uint8Array;
}

/**
 * Creates a canvas of one colour.
 *
 * @throws RangeError for a side below 1; GradcamError `image` above `MAX_IMAGE_PIXELS`, which a legend
 *   below a picture of extreme proportions can reach.
 */
export function createCanvas(width: number, height: number, [red, green, blue]: Rgb): Canvas {
  if (!(width >= 1 && height >= 1)) {
    throw new RangeError(`a picture of ${width}x${height} cannot be drawn`);
  }
  checkPixelCount(width, height, 'a picture with its texts');
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set([red, green, blue], i);
  return { width, height, channels: 3, data };
}

/**
 * Draws an image onto the canvas, blended by its alpha if it has one. Parts outside the canvas are cut off.
 */
export function pasteImage(canvas: Canvas, image: RgbImage, left: number, top: number): void {
  for (let y = Math.max(0, -top); y < Math.min(image.height, canvas.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(image.width, canvas.width - left); x++) {
      const from = (y * image.width + x) * image.channels;
      const to = ((top + y) * canvas.width + left + x) * 3;
      const alpha = image.channels === 4 ? image.data[from + 3]! / 255 : 1;
      for (let c = 0; c < 3; c++) {
        const mixed = canvas.data[to + c]! * (1 - alpha) + image.data[from + c]! * alpha;
        canvas.data[to + c] = Math.round(mixed);
      }
    }
  }
}

/** Fills a rectangle of whole pixels. Parts outside the canvas are cut off. */
export function fillRectangle(
  canvas: Canvas,
  area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  colour: Rgb,
): void {
  for (let y = Math.max(0, area.y); y < Math.min(canvas.height, area.y + area.height); y++) {
    for (let x = Math.max(0, area.x); x < Math.min(canvas.width, area.x + area.width); x++) {
      canvas.data.set(colour, (y * canvas.width + x) * 3);
    }
  }
}

/** Width of a line of text in pixels; 0 for an empty text. */
export function measureText(text: string, scale: number): number {
  const count = [...text].length;
  return count === 0 ? 0 : (count * (GLYPH_WIDTH + 1) - 1) * scale;
}

/** Height of a line of text in pixels. */
export function textHeight(scale: number): number {
  return GLYPH_HEIGHT * scale;
}

/** Writes a line of text with its upper left corner at x, y; each font pixel is `scale` wide. */
export function drawText(
  canvas: Canvas,
  text: string,
  place: { readonly x: number; readonly y: number },
  colour: Rgb,
  scale: number,
): void {
  [...text].forEach((character, index) => {
    const left = place.x + index * (GLYPH_WIDTH + 1) * scale;
    glyphRows(character).forEach((bits, row) => {
      for (let column = 0; column < GLYPH_WIDTH; column++) {
        if (((bits >> (GLYPH_WIDTH - 1 - column)) & 1) === 0) continue;
        const x = left + column * scale;
        const y = place.y + row * scale;
        fillRectangle(canvas, { x, y, width: scale, height: scale }, colour);
      }
    });
  });
}

/** Shortens a text to a width in pixels. A shortened text ends in two dots. */
export function fitText(text: string, width: number, scale: number): string {
  if (measureText(text, scale) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && measureText(`${characters.join('')}..`, scale) > width) {
    characters.pop();
  }
  return characters.length === 0 ? '' : `${characters.join('')}..`;
}

/**
 * Breaks a text into lines of at most a width in pixels, at spaces; a word that is too long is broken too.
 */
export function wrapText(text: string, width: number, scale: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measureText(longer, scale) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (line !== '' && measureText(line + character, scale) > width) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return line === '' ? lines : [...lines, line];
}
