import { describe, expect, test } from 'vitest';
import type { RgbImage } from '../../../src/image/rgb-image.ts';
import {
  createCanvas,
  drawText,
  fitText,
  measureText,
  wrapText,
} from '../../../src/image/render/canvas.ts';
import { renderLabelled } from '../../../src/image/render/labelled.ts';
import { renderLegend } from '../../../src/image/render/legend.ts';
import { glyphRows } from '../../../src/image/render/pixel-font.ts';
import { renderSheet } from '../../../src/image/render/sheet.ts';

/** A row of a picture: # where it is darker than half, by its green. */
function draw(image: RgbImage): string[] {
  return Array.from({ length: image.height }, (_, y) =>
    Array.from({ length: image.width }, (_, x) =>
      image.data[(y * image.width + x) * image.channels + 1]! < 128 ? '#' : '.',
    ).join(''),
  );
}

describe('text', () => {
  test('is drawn from its glyphs, one column apart', () => {
    const canvas = createCanvas(7, 5, [255, 255, 255]);
    drawText(canvas, '1a', { x: 0, y: 0 }, [0, 0, 0], 1);
    expect(draw(canvas)).toEqual(['.#...#.', '##..#.#', '.#..###', '.#..#.#', '###.#.#']);
  });

  test('is as wide as it measures, at any scale', () => {
    expect([measureText('', 2), measureText('1', 2), measureText('1a', 3)]).toEqual([0, 6, 21]);
  });

  test('outside of the canvas is cut', () => {
    const canvas = createCanvas(2, 2, [255, 255, 255]);
    drawText(canvas, '1', { x: -1, y: -1 }, [0, 0, 0], 1);
    expect(draw(canvas)).toEqual(['#.', '#.']);
  });

  test('without a glyph is a box, and names of objects are no glyphs', () => {
    expect(glyphRows('é')).toEqual([7, 7, 7, 7, 7]);
    expect(glyphRows('constructor')).toEqual([7, 7, 7, 7, 7]);
  });

  test('digits and letters all differ', () => {
    const characters = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    expect(new Set(characters.map((one) => glyphRows(one).join(''))).size).toBe(36);
  });

  test('too wide is cut and says so', () => {
    expect(fitText('abc', 11, 1)).toBe('abc');
    expect(fitText('abcd', 11, 1)).toBe('a..');
    expect(fitText('abcd', 3, 1)).toBe('');
  });
});

describe('legend', () => {
  test('runs from the first colour to the last, with ticks below', () => {
    const legend = renderLegend({ colormap: 'gray', width: 40, range: [0, 1], scale: 1 });
    expect([legend.width, legend.height]).toEqual([40, 2 + 10 + 1 + 2 + 5 + 2]);
    const at = (x: number, y: number): number => legend.data[(y * 40 + x) * 3]!;
    expect([at(2, 2), at(37, 2), at(2, 11), at(1, 5), at(38, 5)]).toEqual([0, 255, 0, 255, 255]);
    // Ticks at both ends of the bar's 36 pixels and in the middle: 2 + round(35 / 2).
    expect(draw(legend)[12]).toBe(`..#${'.'.repeat(17)}#${'.'.repeat(16)}#..`);
    // 0 is held inside at the left, 0.5 is centred on its tick, 1 ends at the right.
    expect(draw(legend).slice(15, 20)).toEqual([
      '..###..........###.....###..........#...',
      '..#.#..........#.#.....#...........##...',
      '..#.#..........#.#.....###..........#...',
      '..#.#..........#.#.......#..........#...',
      '..###..........###..#..###.........###..',
    ]);
  });

  test('has a caption above, and the colours of a signed map', () => {
    const legend = renderLegend({
      colormap: 'diverging',
      width: 30,
      range: [-1, 1],
      ticks: [0],
      caption: 'I',
      scale: 1,
    });
    expect(legend.height).toBe(22 + 7);
    expect(draw(legend)[2]!.slice(0, 6)).toBe('..###.');
    const row = 9 * 30 * 3;
    expect([...legend.data.subarray(row + 6, row + 9)]).toEqual([20, 70, 200]);
    expect([...legend.data.subarray(row + 27 * 3, row + 28 * 3)]).toEqual([200, 20, 30]);
  });

  test('without room for the bar is refused', () => {
    expect(() => renderLegend({ colormap: 'jet', width: 4, range: [0, 1] })).toThrow(RangeError);
  });
});

describe('sheet', () => {
  function filled(width: number, height: number, value: number): RgbImage {
    return { width, height, channels: 3, data: new Uint8Array(width * height * 3).fill(value) };
  }

  test('puts pictures side by side with a gap', () => {
    const sheet = renderSheet([{ image: filled(2, 1, 0) }, { image: filled(1, 2, 0) }], { gap: 1 });
    expect(draw(sheet)).toEqual(['.......', '.##.#..', '....#..', '.......']);
  });

  test('in columns, with captions below each picture', () => {
    const panels = [
      { image: filled(3, 1, 0), caption: '1' },
      { image: filled(3, 1, 0), caption: '7' },
    ];
    expect(draw(renderSheet(panels, { columns: 1, gap: 1, scale: 1 }))).toEqual([
      '.....',
      '.###.',
      '.....',
      '.....',
      '..#..',
      '.##..',
      '..#..',
      '..#..',
      '.###.',
      '.....',
      '.###.',
      '.....',
      '.....',
      '.###.',
      '...#.',
      '...#.',
      '...#.',
      '...#.',
      '.....',
    ]);
  });

  test('shows the background through what is transparent', () => {
    const image: RgbImage = {
      width: 2,
      height: 1,
      channels: 4,
      data: Uint8Array.of(9, 9, 9, 0, 9, 9, 9, 255),
    };
    const { data } = renderSheet([{ image }], { gap: 0, background: [1, 2, 3] });
    expect([...data]).toEqual([1, 2, 3, 9, 9, 9]);
  });

  test('of nothing, or in no columns, is refused', () => {
    expect(() => renderSheet([])).toThrow(RangeError);
    expect(() => renderSheet([{ image: filled(1, 1, 0) }], { columns: 0 })).toThrow(RangeError);
  });
});

describe('a picture with its legend', () => {
  const picture = {
    width: 200,
    height: 3,
    channels: 3,
    data: new Uint8Array(200 * 3 * 3).fill(9),
  } as const;

  test('keeps the picture as it is, and writes below it', () => {
    const labelled = renderLabelled(picture, { lines: ['CAT'], colormap: 'gray' });
    expect(labelled.width).toBe(200);
    expect([...labelled.data.subarray(0, 200 * 3 * 3)]).toEqual([...picture.data]);
    // Scale 2: a gap of 4, then the C, whose first row is 3 (of 4, 2, 1): from its second pixel on.
    const at = (x: number, y: number): number => labelled.data[(y * 200 + x) * 3]!;
    expect([4, 5, 6, 7, 8, 9].map((x) => at(x, 3 + 4))).toEqual([255, 255, 0, 0, 0, 0]);
    // The bar, from black to white: text of 10, gaps of 4.
    const bar = 3 + 4 + 10 + 4 + 4 + 5;
    expect([at(4, bar), at(195, bar)]).toEqual([0, 255]);
  });

  test('is wide enough for text where the picture is not', () => {
    const small = { ...picture, width: 2, height: 1, data: new Uint8Array(6) };
    expect(renderLabelled(small, { lines: [], colormap: 'jet' }).width).toBe(160);
  });

  test('writes larger in a large picture: 10 pixels high at 224, 30 at 2000', () => {
    const heightOf = (width: number): number => {
      const large = { ...picture, width, height: 1, data: new Uint8Array(width * 3) };
      const one = renderLabelled(large, { lines: ['a'], colormap: 'jet' }).height;
      return renderLabelled(large, { lines: ['a', 'a'], colormap: 'jet' }).height - one;
    };
    // A line and the gap after it, of two font pixels.
    expect([heightOf(224), heightOf(2000)]).toEqual([10 + 4, 30 + 12]);
  });
});

describe('text in lines', () => {
  // At scale 1 a character takes 4 pixels but for the gap after the last: 5 of them take 19.
  test('parts at spaces, and words only where they are too long', () => {
    expect(wrapText('ab cd ef', 19, 1)).toEqual(['ab cd', 'ef']);
    expect(wrapText('abcdefgh ij', 19, 1)).toEqual(['abcde', 'fgh', 'ij']);
    expect(wrapText('', 19, 1)).toEqual([]);
  });
});
