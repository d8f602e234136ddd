import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { InputDescription } from '../../src/artifact/artifact.ts';
import { cellCentre, fitImage, visibleRegion } from '../../src/image/geometry.ts';
import { prepareInput } from '../../src/image/prepare-input.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import { findPeak } from '../../src/image/localise/peak.ts';

function fit(
  image: readonly [width: number, height: number],
  input: readonly [width: number, height: number],
  mode: InputDescription['fit'],
  cropFraction = 1,
) {
  return fitImage(
    { width: image[0], height: image[1] },
    { width: input[0], height: input[1], fit: mode, cropFraction },
  );
}

describe('what the model sees of a picture', () => {
  test.each([
    ['crop, wide', [500, 375], [224, 224], 'crop', 1, [62, 0, 375, 375]],
    ['crop, high, odd remainder', [100, 203], [10, 10], 'crop', 1, [0, 51, 100, 100]],
    ['crop to a rectangle', [300, 300], [40, 20], 'crop', 1, [0, 75, 300, 150]],
    ['crop .875, as TF-slim', [256, 256], [224, 224], 'crop', 0.875, [16, 16, 224, 224]],
    ['crop .5 of a wide one', [400, 200], [10, 10], 'crop', 0.5, [150, 50, 100, 100]],
    ['squash', [500, 375], [224, 224], 'squash', 1, [0, 0, 500, 375]],
    ['letterbox, wide', [500, 375], [224, 224], 'letterbox', 1, [0, -62.5, 500, 500]],
    ['letterbox, high', [30, 90], [10, 20], 'letterbox', 1, [-7.5, 0, 45, 90]],
  ] as const)('%s', (_, image, input, mode, fraction, [x, y, width, height]) => {
    expect(fit(image, input, mode, fraction).view).toEqual({ x, y, width, height });
  });

  test('the visible region is the view without what is outside of the picture', () => {
    expect(visibleRegion(fit([500, 375], [224, 224], 'letterbox'))).toEqual({
      x: 0,
      y: 0,
      width: 500,
      height: 375,
    });
    expect(visibleRegion(fit([500, 375], [224, 224], 'crop'))).toEqual({
      x: 62,
      y: 0,
      width: 375,
      height: 375,
    });
  });

  test('cells lie in the view: 7x7 over a crop of 375 that begins at 62', () => {
    const centre = cellCentre(fit([500, 375], [224, 224], 'crop'), [7, 7], 2, 6);
    expect(centre.x).toBeCloseTo(62 + (6.5 * 375) / 7, 10);
    expect(centre.y).toBeCloseTo((2.5 * 375) / 7, 10);
  });
});

describe('there and back', () => {
  const anyPlacement = fc.record({
    width: fc.integer({ min: 24, max: 90 }),
    height: fc.integer({ min: 24, max: 90 }),
    mode: fc.constantFrom('crop', 'squash', 'letterbox'),
    cropFraction: fc.constantFrom(1, 0.875),
    rows: fc.integer({ min: 2, max: 4 }),
    columns: fc.integer({ min: 2, max: 4 }),
    row: fc.nat(3),
    column: fc.nat(3),
  });

  test('what is bright at a cell’s centre in the picture is bright in that cell of the input', () => {
    fc.assert(
      fc.property(anyPlacement, (placement) => {
        const { width, height, rows, columns } = placement;
        const [row, column] = [placement.row % rows, placement.column % columns];
        const input = describeInput(placement, columns * 6, rows * 6);
        const geometry = fitImage({ width, height }, input);

        const raw = { shape: [rows, columns], data: new Float32Array(rows * columns) };
        raw.data[row * columns + column] = 1;
        const peak = findPeak(raw, geometry);
        const [x, y] = [Math.floor(peak.x), Math.floor(peak.y)];
        // The centre of a letterbox's cell may lie on a bar: the peak is elsewhere then.
        const centre = cellCentre(geometry, [rows, columns], row, column);
        fc.pre(Math.abs(centre.x - peak.x) < 1e-9 && Math.abs(centre.y - peak.y) < 1e-9);

        const { values } = prepareInput(blackButOne(width, height, x, y), input);
        expect(brightestCell(values.data, rows, columns)).toEqual([row, column]);
      }),
      { numRuns: 200 },
    );
  });
});

function describeInput(
  { mode, cropFraction }: { mode: InputDescription['fit']; cropFraction: number },
  width: number,
  height: number,
): InputDescription {
  return {
    width,
    height,
    channelOrder: 'rgb',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: mode,
    cropFraction,
    resize: 'bilinear-antialias',
    pad: [0, 0, 0],
  };
}

function blackButOne(width: number, height: number, x: number, y: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  data.fill(255, (y * width + x) * 3, (y * width + x + 1) * 3);
  return { width, height, channels: 3, data };
}

/** The cell of 6x6 input pixels with the largest sum. */
function brightestCell(data: Float32Array, rows: number, columns: number): [number, number] {
  const sums = new Float64Array(rows * columns);
  data.forEach((value, i) => {
    const pixel = Math.floor(i / 3);
    const [y, x] = [Math.floor(pixel / (columns * 6)), pixel % (columns * 6)];
    sums[Math.floor(y / 6) * columns + Math.floor(x / 6)]! += value;
  });
  const best = sums.indexOf(Math.max(...sums));
  return [Math.floor(best / columns), best % columns];
}
