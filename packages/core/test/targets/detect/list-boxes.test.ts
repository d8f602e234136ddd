import { describe, expect, test } from 'vitest';
import { listBoxes } from '../../../src/targets/detect/list-boxes.ts';
import type { BoxReading } from '../../../src/network/box-reading.ts';
import type { Detector } from '../../../src/network/detector.ts';
import { fitImage } from '../../../src/image/geometry.ts';

const input = { width: 100, height: 100, cropFraction: 1 };

function detector(places: number, stated: BoxReading = {}, classes = 2): Detector {
  const layout = 'yolov8';
  return { layout, places, classes, width: 4 + classes, placesLast: false, boxes: null, stated };
}

/** Centre 50, 50 of 100 pixels, 20 wide and 40 high. */
const MIDDLE = [50, 50, 20, 40, 0.1, 0.9];

describe('a box goes back to the original picture', () => {
  const list = (fit: 'crop' | 'squash' | 'letterbox', rows: readonly number[][], stated = {}) => {
    const geometry = fitImage({ width: 400, height: 200 }, { ...input, fit });
    const values = { scores: rows.flat(), boxes: null };
    return listBoxes(detector(rows.length, stated), { activation: 'linear' }, values, geometry);
  };

  test.each([
    // 4 and 2 pixels of the picture to one of the input.
    ['squash', { x: 160, y: 60, width: 80, height: 80 }],
    // The middle square of 200 pixels, which begins at x 100: 2 to one.
    ['crop', { x: 180, y: 60, width: 40, height: 80 }],
    // 4 to one; the picture has rows 25 to 75.
    ['letterbox', { x: 160, y: 20, width: 80, height: 160 }],
  ] as const)('%s', (fit, at) => {
    const [box] = list(fit, [MIDDLE]).boxes;
    expect(box!.at).toEqual(at);
    expect([box!.classIndex, box!.score]).toEqual([1, 0.9]);
  });

  test('is cut where it leaves the picture, and left out where it lies in the bars', () => {
    const inBar = [50, 10, 20, 20, 0.1, 0.9];
    const overEdge = [0, 50, 20, 90, 0.8, 0.1];
    const { boxes } = list('letterbox', [inBar, overEdge]);
    expect(boxes).toHaveLength(1);
    expect(boxes[0]).toMatchObject({ place: 1, at: { x: 0, y: 0, width: 40, height: 200 } });
  });

  test('what is said of the units wins over the values', () => {
    const shares = [0.5, 0.5, 0.2, 0.4, 0.1, 0.9];
    const told = list('squash', [shares]);
    expect(told.boxes[0]!.at.width).toBeCloseTo(80);
    expect(told.notes.join()).toContain('boxes are in shares');
    const pixels = list('squash', [shares], { units: 'pixels' });
    expect(pixels.boxes[0]!.at.width).toBeCloseTo(0.8);
    expect(pixels.notes).toEqual([]);
  });

  test('one meaningless place among many does not change the units', () => {
    const shares = [0.5, 0.5, 0.2, 0.4, 0.1, 0.9];
    const wild = [0.5, 0.5, 37, 0.4, 0.1, 0.2];
    const { boxes, notes } = list('squash', [...Array.from({ length: 19 }, () => shares), wild]);
    expect(notes.join()).toContain('boxes are in shares');
    expect(boxes).toHaveLength(1);
    // 0.2 of 400 pixels.
    expect(boxes[0]!.at.width).toBeCloseTo(80);
  });

  test('boxes are listed from the score on that is stated', () => {
    const low = [50, 50, 20, 40, 0.24, 0.1];
    expect(list('squash', [low])).toMatchObject({ boxes: [], best: 0.24 });
    expect(list('squash', [low], { score: 0.2 }).boxes).toHaveLength(1);
  });
});

describe('YOLOX before its decoder', () => {
  // 64 x 32 pixels: 8 x 4, 4 x 2 and 2 x 1 cells of strides 8, 16 and 32.
  const geometry = fitImage(
    { width: 64, height: 32 },
    { width: 64, height: 32, cropFraction: 1, fit: 'squash' },
  );
  const read = (at: Readonly<Record<number, readonly number[]>>, stated: BoxReading = {}) => {
    const rows = Array.from({ length: 42 }, (_, place) => at[place] ?? [0, 0, 0, 0, 0, 0, 0]);
    const yolox = { ...detector(42, stated), layout: 'yolox', width: 7 } as const;
    return listBoxes(
      yolox,
      { activation: 'linear' },
      { scores: rows.flat(), boxes: null },
      geometry,
    );
  };

  test('offsets count from the cell of the place, sizes are exponentials, both times the stride', () => {
    const log2 = Math.log(2);
    const { boxes, notes } = read({
      // Row 1, column 3 of the first grid: centre (3.5, 1.5) * 8, size (2, 1) * 8.
      11: [0.5, 0.5, log2, 0, 0.5, 0.2, 0.8],
      // Row 1, column 2 of the second grid, after 32 places: centre (2.25, 1.5) * 16, size (1, 0.5) * 16.
      38: [0.25, 0.5, 0, -log2, 1, 0.9, 0.1],
      // Column 1 of the third grid, after 40 places: centre (1.5, 0.5) * 32, size (0.5, 0.5) * 32.
      41: [0.5, 0.5, -log2, -log2, 0.8, 0.9, 0.1],
    });
    expect(notes).toEqual([]);
    expect(boxes.map(({ place }) => place)).toEqual([38, 41, 11]);
    const expected = [
      { score: 0.9, at: { x: 28, y: 20, width: 16, height: 8 } },
      { score: 0.72, at: { x: 40, y: 8, width: 16, height: 16 } },
      { score: 0.4, at: { x: 20, y: 8, width: 16, height: 8 } },
    ];
    boxes.forEach(({ score, at }, i) => {
      expect(score).toBeCloseTo(expected[i]!.score, 12);
      for (const side of ['x', 'y', 'width', 'height'] as const) {
        expect(at[side]).toBeCloseTo(expected[i]!.at[side], 10);
      }
    });
  });

  test('scores before their sigmoid, as of heads without one', () => {
    const none = Array.from({ length: 42 }, () => [0, 0, 0, 0, -9, -9, -9]);
    const [box] = read({ ...none, 0: [0, 0, 0, 0, 0, 0, 9] }, { activation: 'sigmoid' }).boxes;
    // A sigmoid of 0 is 1/2, that of 9 is 1 / (1 + exp(-9)).
    expect(box!.score).toBeCloseTo(0.5 / (1 + Math.exp(-9)), 12);
  });
});

describe('corners in an output of their own', () => {
  const geometry = fitImage({ width: 100, height: 100 }, { ...input, fit: 'squash' });
  // A grid of 4 rows and 5 columns, each place with a box of 10 by 4 pixels; the one of row 2, column 3 scores.
  const grid = Array.from({ length: 20 }, (_, place) => place);
  const scores = grid.flatMap((_, place) => (place === 13 ? [0.1, 0.9] : [0.9, 0.1]));
  const read = (boxes: number[][], stated: BoxReading = {}) => {
    const ssd = {
      ...detector(20, { background: 0, ...stated }),
      layout: 'ssd',
      width: 2,
      boxes: 'b',
    };
    const values = { scores, boxes: boxes.flat() };
    return listBoxes(ssd as Detector, { activation: 'linear' }, values, geometry);
  };
  const rows = (place: number): number => Math.floor(place / 5);
  const columns = (place: number): number => place % 5;

  test('have x first where the first number changes along the rows, else y', () => {
    const place = { x: 20 * columns(13), y: 25 * rows(13), width: 10, height: 4 };
    const xFirst = grid.map((_, i) => {
      const [x, y] = [20 * columns(i), 25 * rows(i)];
      return [x, y, x + 10, y + 4];
    });
    const found = read(xFirst);
    expect(found.boxes[0]!.at).toEqual(place);
    expect(found.notes.join()).toContain('with x before y');
    const turned = read(xFirst.map(([a, b, c, d]) => [b!, a!, d!, c!]));
    expect(turned.boxes[0]!.at).toEqual(place);
    expect(turned.notes.join()).toContain('with y before x');
  });

  test('what is stated wins', () => {
    const { boxes } = read(
      grid.map((_, i) => [20 * columns(i), 25 * rows(i), 20 * columns(i) + 10, 25 * rows(i) + 4]),
      { form: 'yxyx' },
    );
    expect(boxes[0]!.at).toEqual({ x: 50, y: 60, width: 4, height: 10 });
  });
});

describe('other numbers than boxes are not read as such', () => {
  const geometry = fitImage({ width: 100, height: 100 }, { ...input, fit: 'squash' });
  const read = (one: Detector, scores: number[], boxes: number[] | null = null) =>
    listBoxes(one, { activation: 'linear' }, { scores, boxes }, geometry);

  test('scores beyond 0..1, as key points behind the class are', () => {
    const found = read(detector(1, {}, 3), [50, 50, 20, 40, 0.9, 31.5, 60]);
    expect(found).toMatchObject({ boxes: [] });
    expect(found.problem).toMatch(/number 5 of place 0 is 31.5.*--boxes classes=<n>/);
    const stated = { ...detector(1, {}, 1), width: 7 };
    expect(read(stated, [50, 50, 20, 40, 0.9, 31.5, 60]).boxes).toHaveLength(1);
  });

  test('offsets to anchors', () => {
    const ssd: Detector = {
      ...{ layout: 'ssd', places: 3, classes: 1, width: 1, placesLast: false },
      ...{ boxes: 'loc', stated: {} },
    };
    const offsets = [0.3, -0.2, -1.2, 0.4, 0.1, 0.9, 0.4, -1.1, -2, 0.5, -2.5, -3];
    expect(read(ssd, [0.9, 0.8, 0.7], offsets).problem).toMatch(/offsets to anchors/);
    // Centre and size, which no corners can be: the second is above and left of the first.
    const centres = [0.8, 0.7, 0.2, 0.1, 0.9, 0.6, 0.1, 0.2, 0.7, 0.9, 0.2, 0.1];
    const found = read(ssd, [0.9, 0.8, 0.7], centres);
    expect(found.notes.join()).toContain('boxes are centre and size');
    const [box] = found.boxes;
    [box!.at.x, box!.at.y, box!.at.width, box!.at.height].forEach((value, i) =>
      expect(value).toBeCloseTo([70, 65, 20, 10][i]!, 9),
    );
  });

  test('the objectness is a factor of the score, and scores before a sigmoid are stated', () => {
    const yolov5: Detector = {
      ...{ layout: 'yolov5', places: 1, classes: 2, width: 7, placesLast: false },
      ...{ boxes: null, stated: {} },
    };
    const row = [50, 50, 20, 40, 0.5, 0.2, 0.8];
    expect(read(yolov5, row).boxes[0]).toMatchObject({ classIndex: 1, score: 0.4 });
    // A background of a softmax is no box.
    const ssd: Detector = {
      ...{ layout: 'ssd', places: 2, classes: 2, width: 2, placesLast: false },
      ...{ boxes: 'loc', stated: { activation: 'softmax', background: 0 } },
    };
    const found = read(ssd, [Math.log(9), 0, 0, Math.log(3)], [0, 0, 0.5, 0.5, 0, 0, 1, 1]);
    expect(found.boxes).toHaveLength(1);
    expect(found.boxes[0]).toMatchObject({ place: 1, classIndex: 1 });
    expect(found.boxes[0]!.score).toBeCloseTo(0.75, 12);
  });
});
