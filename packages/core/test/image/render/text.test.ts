import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCanvas } from '../../../src/image/render/canvas.ts';
import { coverOutline } from '../../../src/image/render/coverage.ts';
import { findGlyph, UNITS, type Outline } from '../../../src/image/render/glyph.ts';
import {
  drawText,
  fitText,
  measureText,
  textHeight,
  wrapText,
} from '../../../src/image/render/text.ts';

/** A rectangle as an outline, clockwise. */
function rectangle(left: number, top: number, right: number, bottom: number): Outline {
  return [
    [left, top, right, top],
    [right, top, right, bottom],
    [right, bottom, left, bottom],
    [left, bottom, left, top],
  ];
}

describe('the covered share of each pixel', () => {
  test('of a rectangle is a product of its sides', () => {
    const { left, top, width, height, shares } = coverOutline(rectangle(1, 2, 5, 6), 0.5, 0.25, 0);
    // From 0.75 to 2.75 across and from 1 to 3 down.
    expect([left, top, width, height]).toEqual([0, 1, 3, 3]);
    expect([...shares]).toEqual([0.25, 1, 0.75, 0.25, 1, 0.75, 0, 0, 0]);
  });

  test('of a triangle is the area below its slope', () => {
    // The slope leaves 1/8 and 7/8 to the first row's pixels it crosses, by halves of 1 x 1/2 triangles.
    const triangle: Outline = [
      [0, 0, 4, 2],
      [4, 2, 0, 2],
      [0, 2, 0, 0],
    ];
    const { width, shares } = coverOutline(triangle, 1, 0, 0);
    expect(width).toBe(5);
    expect([...shares].slice(0, 10)).toEqual([0.75, 0.25, 0, 0, 0, 1, 1, 0.75, 0.25, 0]);
  });

  test('has holes where a contour turns the other way, and no more than all where two overlap', () => {
    const hole = rectangle(1, 1, 2, 2).map(([a, b, c, d]) => [c, d, a, b] as const);
    const ring = coverOutline([...rectangle(0, 0, 3, 3), ...hole], 1, 0, 0);
    expect([...ring.shares.subarray(ring.width, ring.width + 3)]).toEqual([1, 0, 1]);
    const twice = coverOutline([...rectangle(0, 0, 2, 1), ...rectangle(1, 0, 3, 1)], 1, 0, 0);
    expect([...twice.shares.subarray(0, 3)]).toEqual([1, 1, 1]);
  });

  test('of nothing is nothing', () => {
    expect(coverOutline([], 1, 0, 0).shares.length).toBe(0);
  });
});

/**
 * FreeType drew the letters 32 times as large, with outlines that hinting moved by half of a large pixel
 * at most, which is 1/64 pixel or 4 of 255 levels. A pixel may hold two such edges.
 */
const LEVELS = 8;

test('letters are drawn as FreeType draws them', () => {
  const text = readFileSync(new URL('../../fixtures/drawn/letters.json', import.meta.url), 'utf8');
  const { fontSize, width, height, x, baseline, letters } = JSON.parse(text) as {
    fontSize: number;
    width: number;
    height: number;
    x: number;
    baseline: number;
    letters: Record<string, number[]>;
  };
  const worst = Object.entries(letters).map(([letter, expected]) => {
    const { left, top, ...drawn } = coverOutline(
      findGlyph(letter).outline,
      fontSize / UNITS,
      x,
      baseline,
    );
    const levels = new Float32Array(width * height);
    drawn.shares.forEach((share, i) => {
      levels[(top + Math.floor(i / drawn.width)) * width + left + (i % drawn.width)] = share * 255;
    });
    return [letter, Math.max(...levels.map((level, i) => Math.abs(level - expected[i]!)))] as const;
  });
  expect(worst).toHaveLength(6);
  expect(worst.filter(([, levels]) => !(levels <= LEVELS))).toEqual([]);
});

describe('a line of text', () => {
  test('is as wide as the advances of its characters in the font', () => {
    // From Inter's table hmtx, read by fontTools: of 2048 units a space has 576, an "i" 496 and an "A" 1413.
    expect(measureText(' ', 2048)).toBe(576);
    expect(measureText('iA', 1024)).toBe((496 + 1413) / 2);
    expect(measureText('', 12)).toBe(0);
  });

  test('composes a letter and its accent, and shows a box for what the font lacks', () => {
    expect(findGlyph('é')).not.toEqual(findGlyph('e'));
    expect(measureText('e\u0301', 10)).toBe(measureText('é', 10));
    expect(findGlyph('犬')).toEqual(findGlyph('\u{1f408}'));
    expect(findGlyph('constructor')).toEqual(findGlyph('犬'));
    // An outer and an inner contour.
    expect(findGlyph('犬').outline).toHaveLength(8);
  });

  test('mixes its colour with what is below, and is cut at the canvas', () => {
    const canvas = createCanvas(6, 12, [255, 255, 255]);
    drawText(canvas, 'l', { x: 0.9, y: 0 }, [255, 0, 0], 12);
    const reds = canvas.data.filter((_, i) => i % 3 === 0);
    const greens = canvas.data.filter((_, i) => i % 3 === 1);
    expect(reds.every((value) => value === 255)).toBe(true);
    expect(Math.min(...greens)).toBeLessThan(128);
    const small = createCanvas(2, 2, [255, 255, 255]);
    drawText(small, 'WWW', { x: -5, y: -5 }, [0, 0, 0], 12);
    expect(Math.min(...small.data)).toBeLessThan(255);
  });

  test('too long ends in an ellipsis, or is broken at spaces and after signs', () => {
    const width = measureText('abc…', 10);
    expect(fitText('abc', width, 10)).toBe('abc');
    expect(fitText('abcdefgh', width, 10)).toBe('abc…');
    expect(fitText('abc', 1, 10)).toBe('');
    expect(wrapText('aa bb cc', measureText('aa bb', 10), 10)).toEqual(['aa bb', 'cc']);
    expect(wrapText('conv_pw_13_relu', measureText('conv_pw_13_', 10), 10)).toEqual([
      'conv_pw_13_',
      'relu',
    ]);
    expect(wrapText('nnnnnn', measureText('nnnn', 10), 10)).toEqual(['nnnn', 'nn']);
    expect(wrapText('', 10, 10)).toEqual([]);
  });

  test('has room for accents and descenders', () => {
    // Inter's ascent of 1984 and descent of 494 of 2048 units.
    expect(textHeight(2048)).toBeGreaterThanOrEqual(1984 + 494);
    expect(textHeight(2048)).toBeLessThan(1984 + 494 + 2);
  });
});
