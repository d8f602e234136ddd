import type { Canvas, Rgb } from './canvas.ts';
import { coverOutline } from './coverage.ts';
import { ASCENT, DESCENT, findGlyph, UNITS } from './glyph.ts';

/** Width of a line of text in pixels; 0 for an empty text. */
export function measureText(text: string, size: number): number {
  let width = 0;
  for (const character of composed(text)) width += findGlyph(character).advance;
  return (width * size) / UNITS;
}

/** Height of a line of text in whole pixels, from the highest accent to the lowest descender. */
export function textHeight(size: number): number {
  return Math.ceil((ASCENT + DESCENT) * size);
}

/**
 * Writes a line of text with the upper left corner of its line at x, y, in Inter Regular. Parts outside
 * the canvas are cut off. A character that the font does not have is a box.
 *
 * @param size the font size in pixels.
 */
export function drawText(
  canvas: Canvas,
  text: string,
  place: { readonly x: number; readonly y: number },
  colour: Rgb,
  size: number,
): void {
  // A baseline on a whole pixel keeps the feet of the letters sharp.
  const baseline = place.y + Math.round(ASCENT * size);
  let { x } = place;
  for (const character of composed(text)) {
    const { advance, outline } = findGlyph(character);
    const { left, top, width, shares } = coverOutline(outline, size / UNITS, x, baseline);
    for (let i = 0; i < shares.length; i++) {
      const share = shares[i]!;
      if (share === 0) continue;
      const [column, row] = [left + (i % width), top + Math.floor(i / width)];
      if (column < 0 || row < 0 || column >= canvas.width || row >= canvas.height) continue;
      const at = (row * canvas.width + column) * 3;
      for (let c = 0; c < 3; c++) {
        canvas.data[at + c] = canvas.data[at + c]! * (1 - share) + colour[c]! * share + 0.5;
      }
    }
    x += (advance * size) / UNITS;
  }
}

/** Shortens a text to a width in pixels. A shortened text ends in an ellipsis. */
export function fitText(text: string, width: number, size: number): string {
  if (measureText(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && measureText(`${characters.join('')}…`, size) > width) {
    characters.pop();
  }
  return characters.length === 0 ? '' : `${characters.join('').trimEnd()}…`;
}

/**
 * Breaks a text into lines of at most a width in pixels, at spaces. A word that is too long is broken
 * too, after a sign such as `/` or `_` where one is near, else anywhere.
 */
export function wrapText(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measureText(longer, size) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = breakWord(word, width, size);
    line = parts.pop() ?? '';
    lines.push(...parts);
  }
  return line === '' ? lines : [...lines, line];
}

/** The share of a full line that a part of a word must have to end after a sign. */
const NEAR = 0.5;

function breakWord(word: string, width: number, size: number): string[] {
  const parts: string[] = [];
  let rest = [...word];
  while (rest.length > 1 && measureText(rest.join(''), size) > width) {
    let fitting = 1;
    while (measureText(rest.slice(0, fitting + 1).join(''), size) <= width) fitting += 1;
    const sign = 1 + Math.max(...[...'/\\_-.,'].map((one) => rest.lastIndexOf(one, fitting - 1)));
    const end = sign > fitting * NEAR ? sign : fitting;
    parts.push(rest.slice(0, end).join(''));
    rest = rest.slice(end);
  }
  return [...parts, rest.join('')];
}

/** The characters of a text; a letter and its accent are one, as the font has them. */
function composed(text: string): string[] {
  return [...text.normalize('NFC')];
}
