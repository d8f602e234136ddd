import { describe, expect, test } from 'vitest';
import type { RgbImage } from '../../../src/image/rgb-image.ts';
import { renderFigure } from '../../../src/image/render/figure.ts';
import { fontSizeFor, renderLabelled } from '../../../src/image/render/labelled.ts';
import { renderLegend } from '../../../src/image/render/legend.ts';
import { captionHeight, captionLines, renderSheet } from '../../../src/image/render/sheet.ts';
import { textHeight } from '../../../src/image/render/text.ts';

/** A row of a picture: # where it is darker than half, by its green. */
function draw(image: RgbImage): string[] {
  return Array.from({ length: image.height }, (_, y) =>
    Array.from({ length: image.width }, (_, x) =>
      image.data[(y * image.width + x) * image.channels + 1]! < 128 ? '#' : '.',
    ).join(''),
  );
}

/** The rows of a picture that have a dark pixel. */
function inkedRows(image: RgbImage): number[] {
  return draw(image).flatMap((row, y) => (row.includes('#') ? [y] : []));
}

/** The first and the last column with a dark pixel, among some rows. */
function inkedColumns(
  image: RgbImage,
  rows: readonly [from: number, to: number],
): [number, number] {
  const found = draw(image).slice(...rows);
  const first = Math.min(...found.map((row) => row.indexOf('#')).filter((x) => x >= 0));
  return [first, Math.max(...found.map((row) => row.lastIndexOf('#')))];
}

describe('legend', () => {
  test('runs from the first colour to the last, with ticks and numbers below', () => {
    const legend = renderLegend({ colormap: 'gray', width: 100, range: [0, 1] });
    // Gaps of 6, a bar of 15, ticks of 2, a space of 2, a line of 15, and 3 below it.
    expect([legend.width, legend.height]).toEqual([100, 6 + 15 + 2 + 2 + 15 + 3]);
    const at = (x: number, y: number): number => legend.data[(y * 100 + x) * 3]!;
    expect([at(6, 6), at(93, 6), at(6, 20), at(5, 10), at(94, 10)]).toEqual([0, 255, 0, 255, 255]);
    // Ticks at both ends of the bar's 88 pixels and in the middle: 6 + round(87 / 2).
    const ticks = [...draw(legend)[21]!].flatMap((one, x) => (one === '#' ? [x] : []));
    expect(ticks).toEqual([6, 50, 93]);
    // The numbers at the ends stay inside the gaps.
    const [first, last] = inkedColumns(legend, [24, 40]);
    expect(first).toBeGreaterThanOrEqual(6);
    expect(last).toBeLessThan(94);
  });

  test('has a caption above, and the colours of a signed map', () => {
    const options = { colormap: 'diverging', width: 60, range: [-1, 1], ticks: [0] } as const;
    const plain = renderLegend(options);
    const legend = renderLegend({ ...options, caption: 'I' });
    expect(legend.height - plain.height).toBe(textHeight(12) + 6);
    const row = (6 + textHeight(12) + 6 + 3) * 60 * 3;
    expect([...legend.data.subarray(row + 6 * 3, row + 7 * 3)]).toEqual([20, 70, 200]);
    expect([...legend.data.subarray(row + 53 * 3, row + 54 * 3)]).toEqual([200, 20, 30]);
  });

  test('of a map at pixels has a ramp for each colour, from gray or from black', () => {
    const pixel = (range: [number, number], x: number, y: number): number[] => {
      const { data } = renderLegend({ colormap: 'gradient', width: 60, range });
      return [...data.subarray((y * 60 + x) * 3, (y * 60 + x) * 3 + 3)];
    };
    expect(pixel([-1, 1], 6, 6)).toEqual([0, 128, 128]);
    expect(pixel([-1, 1], 53, 6)).toEqual([255, 128, 128]);
    expect(pixel([-1, 1], 53, 13)).toEqual([128, 255, 128]);
    expect(pixel([0, 1], 53, 20)).toEqual([0, 0, 255]);
  });

  test('without room for the bar is refused', () => {
    expect(() => renderLegend({ colormap: 'jet', width: 13, range: [0, 1] })).toThrow(RangeError);
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

  test('in columns, with captions below each picture; a row is as high as its longest caption', () => {
    const panels = [
      { image: filled(60, 2, 0), caption: 'I' },
      { image: filled(60, 2, 0), caption: 'one two three four five six' },
      { image: filled(60, 2, 0), caption: 'I' },
    ];
    const long = captionLines(panels[1]!.caption, 60).length;
    expect(long).toBeGreaterThan(1);
    const sheet = renderSheet(panels, { columns: 2, gap: 1 });
    expect(sheet.width).toBe(3 + 2 * 60);
    expect(sheet.height).toBe(3 + 2 * 2 + captionHeight(long) + captionHeight(1));
    // The caption of the first panel lies below its picture, and the third picture below the longest caption.
    const rows = inkedRows(sheet);
    expect(rows.slice(0, 2)).toEqual([1, 2]);
    expect(draw(sheet)[1 + 2 + captionHeight(long) + 1]!.slice(1, 61)).toBe('#'.repeat(60));
    const [, last] = inkedColumns(sheet, [4, 1 + 2 + captionHeight(long)]);
    expect(last).toBeLessThan(62 + 60);
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
    const labelled = renderLabelled(picture, { lines: ['Cat'], colormap: 'gray' });
    expect(labelled.width).toBe(200);
    expect([...labelled.data.subarray(0, 200 * 3 * 3)]).toEqual([...picture.data]);
    // A gap of 6, a line of 15, then the bar with its gap.
    const at = (x: number, y: number): number => labelled.data[(y * 200 + x) * 3]!;
    const [first, last] = inkedColumns(labelled, [3 + 6, 3 + 6 + 15]);
    expect(first).toBeGreaterThanOrEqual(6);
    expect(last).toBeLessThan(6 + 3 * 12);
    const bar = 3 + 6 + 15 + 6;
    expect([at(6, bar), at(193, bar)]).toEqual([0, 255]);
  });

  test('is wide enough for text where the picture is not', () => {
    const small = { ...picture, width: 2, height: 1, data: new Uint8Array(6) };
    expect(renderLabelled(small, { lines: [], colormap: 'jet' }).width).toBe(160);
  });

  test('writes larger in a large picture: in 12 pixels at 224, in 36 at 2000', () => {
    expect([fontSizeFor(224), fontSizeFor(2000)]).toEqual([12, 36]);
    const heightOf = (width: number): number => {
      const large = { ...picture, width, height: 1, data: new Uint8Array(width * 3) };
      const one = renderLabelled(large, { lines: ['a'], colormap: 'jet' }).height;
      return renderLabelled(large, { lines: ['a', 'a'], colormap: 'jet' }).height - one;
    };
    expect([heightOf(224), heightOf(2000)]).toEqual([textHeight(12), textHeight(36)]);
  });
});

describe('a figure', () => {
  const tile = (value: number): RgbImage => ({
    ...{ width: 100, height: 4, channels: 3 },
    data: new Uint8Array(100 * 4 * 3).fill(value),
  });

  test('has titles above its columns, labels below its rows and notes at the end', () => {
    const figure = renderFigure({
      titles: ['I', 'I'],
      rows: [
        { label: 'I', pictures: [tile(1), tile(2)] },
        { label: 'I', pictures: [tile(3), tile(4)] },
      ],
      notes: ['I'],
    });
    const [gap, line] = [9, textHeight(12)];
    expect(figure.width).toBe(3 * gap + 200);
    expect(figure.height).toBe(gap + line + 2 * (4 + line + gap) + line + gap);
    const at = (x: number, y: number): number => figure.data[(y * figure.width + x) * 3]!;
    const [first, second] = [gap + line, gap + line + 4 + line + gap];
    expect([at(gap, first), at(2 * gap + 100, first)]).toEqual([1, 2]);
    expect([at(gap, second), at(2 * gap + 199, second + 3)]).toEqual([3, 4]);
    expect([at(gap - 1, first), at(gap + 100, first)]).toEqual([255, 255]);
    // Text between the pictures, and below them.
    const rows = inkedRows(figure);
    for (const [from, to] of [
      [gap, first],
      [first + 4, second],
      [second + 4 + line, figure.height],
    ] as const) {
      expect(rows.some((row) => row >= from && row < to)).toBe(true);
    }
  });

  test('of nothing, of sizes that differ, and without a picture for a title is refused', () => {
    expect(() => renderFigure({ titles: [], rows: [] })).toThrow(RangeError);
    const row = { label: '', pictures: [tile(0), { ...tile(0), width: 200, height: 2 }] };
    expect(() => renderFigure({ titles: ['a', 'b'], rows: [row] })).toThrow(/100x4 and 200x2/);
    expect(() => renderFigure({ titles: ['a'], rows: [row] })).toThrow(/2 pictures for 1 titles/);
  });
});
