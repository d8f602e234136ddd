import { glyphTable } from './glyphs.generated.ts';

/**
 * Lines of a glyph's outline in 1/{@link UNITS} of the font size, y downwards from the baseline: x, y, x,
 * y for each.
 */
export type Outline = readonly (readonly [x: number, y: number, toX: number, toY: number])[];

export interface Glyph {
  /** Distance to the next glyph, in 1/{@link UNITS} of the font size. */
  readonly advance: number;
  readonly outline: Outline;
}

/** The parts of an em above and below the baseline that Inter's letters take, accents included. */
export const ASCENT = 0.969;
export const DESCENT = 0.241;

/** The font's units: outlines and advances are in this share of the font size. */
export const UNITS = 2048;

/** A box, for characters that the font does not have. */
const UNKNOWN = [1229, 'M164 0l0-1434l901 0l0 1434M287-123l655 0l0-1188l-655 0'] as const;

/** A curve becomes this many lines. At 100 pixels they leave it by less than 1/50 pixel. */
const LINES_OF_CURVE = 6;

const sources = new Map(
  glyphTable.map(([character, advance, path]) => [character, [advance, path] as const]),
);
const glyphs = new Map<string, Glyph>();

/** The glyph of a character; a box for a character that is not in the font. */
export function findGlyph(character: string): Glyph {
  const known = glyphs.get(character);
  if (known !== undefined) return known;
  const [advance, path] = sources.get(character) ?? UNKNOWN;
  const glyph = { advance, outline: flatten(path) };
  glyphs.set(character, glyph);
  return glyph;
}

/** The lines of an outline that is written as `M`, `l` and `q` of SVG. Each contour is closed. */
function flatten(path: string): Outline {
  const lines: [number, number, number, number][] = [];
  let [x, y, startX, startY] = [0, 0, 0, 0];
  const lineTo = (toX: number, toY: number): void => {
    if (x !== toX || y !== toY) lines.push([x, y, toX, toY]);
    [x, y] = [toX, toY];
  };
  for (const [, kind, text] of path.matchAll(/([Mlq])([^Mlq]*)/g)) {
    const [a = 0, b = 0, c = 0, d = 0] = (text!.match(/-?\d+/g) ?? []).map(Number);
    if (kind === 'M') {
      lineTo(startX, startY);
      [x, y, startX, startY] = [a, b, a, b];
    } else if (kind === 'l') {
      lineTo(x + a, y + b);
    } else {
      const [fromX, fromY] = [x, y];
      for (let i = 1; i <= LINES_OF_CURVE; i++) {
        const t = i / LINES_OF_CURVE;
        const [near, far] = [2 * t * (1 - t), t * t];
        lineTo(fromX + near * a + far * c, fromY + near * b + far * d);
      }
    }
  }
  lineTo(startX, startY);
  return lines;
}
