import { createDisplayMap, findPeak, fitImage, renderOverlay, type RgbImage } from '@gradcam/core';
import { encodeNpy } from '@gradcam/core/node';
import { describe, expect, test } from 'vitest';
import { cellAt, createCellMap } from '../src/map/cell-map.ts';
import { geometryOf, recoverGeometry, scaleGeometry } from '../src/map/geometry.ts';
import { paintDifference, subtractMaps } from '../src/map/difference.ts';
import { paintGradient } from '../src/map/gradient.ts';
import { paintMap, recoverOriginal, type Colours, type Pixels } from '../src/map/paint.ts';
import { readMap, stepToCell } from '../src/map/probe.ts';
import { createPromiseCache } from '../src/map/promise-cache.ts';
import { parseRawMap } from '../src/map/raw-map.ts';

const grid = [3, 4] as const;
const raw = {
  shape: [...grid],
  data: Float32Array.of(-0.4, 0.1, 0.2, 0, 0.05, 0.8, 0.3, -0.1, 0, 0.4, 0.25, 0.6),
};
const image = noise(53, 41);
const colours: Colours = {
  ...{ colormap: 'turbo', opacity: 0.5, threshold: 0, gamma: 1 },
  gradients: 'colour',
};

/** Any picture does; this one has every value and no pattern. */
function noise(width: number, height: number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919 + 13) % 256);
  return { width, height, channels: 3, data };
}

function toPixels({ width, height, data }: RgbImage): Pixels {
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) pixels.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
  return { width, height, data: pixels };
}

describe.each(['crop', 'squash', 'letterbox'] as const)('geometry of %s', (fit) => {
  const geometry = fitImage(image, { width: 32, height: 24, fit, cropFraction: 0.875 });
  const peak = findPeak(raw, geometry);
  const cellSize = [geometry.view.width / grid[1], geometry.view.height / grid[0]] as const;
  const diagnostics = { probability: 1, gradientNorm: 1, negativeShare: 0, cellSize };
  const recovered = recoverGeometry(image, { peak, diagnostics }, raw);

  test('is recovered from peak and cell size', () => {
    expect(recovered.view.x).toBeCloseTo(geometry.view.x, 9);
    expect(recovered.view.y).toBeCloseTo(geometry.view.y, 9);
    expect(recovered.view.width).toBeCloseTo(geometry.view.width, 9);
    expect(recovered.view.height).toBeCloseTo(geometry.view.height, 9);
  });

  test('is as the line states it, where it does', () => {
    const stated = geometryOf(
      { ...image, view: geometry.view },
      { peak: { x: 0, y: 0 }, diagnostics },
      raw,
    );
    expect(stated.view).toEqual(geometry.view);
    expect(stated.image).toEqual({ width: image.width, height: image.height });
    const older = geometryOf(image, { peak, diagnostics }, raw);
    expect(older).toEqual(recovered);
  });

  test('gives the map that the run was made with', () => {
    const [made, drawn] = [geometry, recovered].map((one) => createDisplayMap(raw, true, one));
    expect(drawn!.visible).toEqual(made!.visible);
    drawn!.values.forEach((value, i) => expect(value).toBeCloseTo(made!.values[i]!, 6));
  });

  test('puts every cell where it is: the peak of the cell map is the peak', () => {
    const cells = createCellMap(raw, true, geometry);
    const x = Math.floor(peak.x);
    const y = Math.floor(peak.y);
    expect(cellAt(geometry, grid, peak.x, peak.y)).toEqual({ row: 1, column: 1 });
    expect(cells.values[y * image.width + x]).toBe(1);
    expect(cells.visible).toEqual(createDisplayMap(raw, true, geometry).visible);
  });

  test('keeps its shape at another size', () => {
    const half = scaleGeometry(geometry, 0.5);
    expect(half.image).toEqual({ width: 27, height: 21 });
    expect(half.view.width).toBe(geometry.view.width / 2);
  });
});

describe('painting', () => {
  const geometry = fitImage(image, { width: 32, height: 24, fit: 'crop', cropFraction: 1 });
  const map = createDisplayMap(raw, true, geometry);

  test.each(['turbo', 'jet', 'viridis', 'inferno', 'gray'] as const)(
    'an overlay in %s is the one that core makes',
    (colormap) => {
      const painted = paintMap(map, toPixels(image), { ...colours, colormap, opacity: 0.3 });
      const made = toPixels(renderOverlay(image, map, colormap, 0.3));
      expect(painted.data).toEqual(made.data);
    },
  );

  test.each([0, 0.2, 0.5, 0.8])(
    'the image comes back out of an overlay of opacity %d, to its rounding',
    (opacity) => {
      const overlay = toPixels(renderOverlay(image, map, 'turbo', opacity));
      const recovered = recoverOriginal(overlay, map, { colormap: 'turbo', opacity })!;
      const { data } = toPixels(image);
      const worst = recovered.data.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - data[i]!)),
        0,
      );
      expect(worst).toBeLessThanOrEqual(Math.ceil(0.5 / (1 - opacity)));
      expect(paintMap(map, recovered, { ...colours, opacity }).data).toEqual(overlay.data);
    },
  );

  test('an overlay that was painted in another way gives no image either', () => {
    const overlay = toPixels(renderOverlay(image, map, 'viridis', 0.5));
    expect(recoverOriginal(overlay, map, { colormap: 'turbo', opacity: 0.5 })).toBeNull();
  });

  test('an overlay that is nearly all colour gives no image', () => {
    const overlay = toPixels(renderOverlay(image, map, 'turbo', 1));
    expect(recoverOriginal(overlay, map, { colormap: 'turbo', opacity: 1 })).toBeNull();
  });

  test('below the threshold the image is left as it is', () => {
    const original = toPixels(image);
    const painted = paintMap(map, original, { ...colours, threshold: 0.5 });
    const changed = map.values.map((_, i) =>
      painted.data.slice(4 * i, 4 * i + 4).join() === original.data.slice(4 * i, 4 * i + 4).join()
        ? 0
        : 1,
    );
    map.values.forEach((value, i) => {
      if (value < 0.5) expect(changed[i]).toBe(0);
    });
    expect(changed.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
  });

  test('without an image the map stands alone, transparent where it says nothing', () => {
    const painted = paintMap(map, null, { ...colours, threshold: 0.5 });
    map.values.forEach((value, i) => {
      expect(painted.data[4 * i + 3]).toBe(value >= 0.5 ? 255 : 0);
    });
  });

  test('gamma below 1 lifts weak values and leaves the ends', () => {
    const gray = { ...colours, colormap: 'gray', opacity: 1 } as const;
    const ramp = {
      width: 3,
      height: 1,
      values: Float32Array.of(0, 0.25, 1),
      visible: Uint8Array.of(1, 1, 1),
    };
    const shades = (gamma: number): number[] =>
      [0, 1, 2].map((i) => paintMap(ramp, null, { ...gray, gamma }).data[4 * i]!);
    expect(shades(1)).toEqual([0, 64, 255]);
    expect(shades(0.5)).toEqual([0, 128, 255]);
  });
});

describe('the difference of two maps', () => {
  const first = {
    width: 4,
    height: 1,
    values: Float32Array.of(1, 0.25, 0, 0.5),
    visible: Uint8Array.of(1, 1, 1, 0),
  };
  const second = { ...first, values: Float32Array.of(0, 0.25, 1, 0), visible: first.visible };
  const difference = subtractMaps(first, second);

  test('is first minus second', () => {
    expect([...difference.values.subarray(0, 3)]).toEqual([1, 0, -1]);
    expect(() => subtractMaps(first, { ...second, width: 2, height: 2 })).toThrow(
      'maps of different sizes: 4 x 1 and 2 x 2',
    );
  });

  test('is red where the first has more, blue where the second has, over the image in grays', () => {
    const data = Uint8ClampedArray.from([0, 1, 2, 3].flatMap(() => [200, 100, 50, 255]));
    const painted = paintDifference(difference, { width: 4, height: 1, data }, 1);
    // 0.299 x 200 + 0.587 x 100 + 0.114 x 50 = 124.2
    const gray = [124, 124, 124, 255];
    const pixels = [0, 1, 2, 3].map((i) => [...painted.data.subarray(4 * i, 4 * i + 4)]);
    expect(pixels).toEqual([[200, 20, 30, 255], gray, [20, 70, 200, 255], gray]);
    const alone = paintDifference(difference, null, 1);
    expect([...alone.data.subarray(4, 8)]).toEqual([255, 255, 255, 255]);
    expect(alone.data[15]).toBe(0);
  });
});

describe('reading values', () => {
  const geometry = fitImage(image, { width: 32, height: 24, fit: 'squash', cropFraction: 1 });
  const smooth = createDisplayMap(raw, true, geometry);
  const data = { raw, relu: true, geometry, smooth, original: null, gradient: null };

  test('tells cell, raw and shown value of a place', () => {
    const reading = readMap(data, { across: 1.5 / 4, down: 1.5 / 3 });
    expect(reading).toMatchObject({ cell: { row: 1, column: 1 }, raw: Math.fround(0.8) });
    expect(reading!.shown).toBeGreaterThan(0.9);
    expect(readMap(data, { across: 0.01, down: 0.01 })!.raw).toBe(Math.fround(-0.4));
    expect(readMap(data, { across: 1.2, down: 0.5 })).toBeNull();
  });

  test('steps from cell to cell and stays on the grid', () => {
    const start = stepToCell(data, null, 0, 0);
    expect(readMap(data, start)!.cell).toEqual({ row: 1, column: 2 });
    const up = stepToCell(data, start, -1, 0);
    expect(readMap(data, up)!.cell).toEqual({ row: 0, column: 2 });
    expect(stepToCell(data, up, -1, 0)).toEqual(up);
    expect(readMap(data, stepToCell(data, up, 0, 9))!.cell).toEqual({ row: 0, column: 3 });
  });
});

describe('loading', () => {
  test('a raw map is what core wrote', () => {
    const bytes = Uint8Array.from(encodeNpy(raw));
    expect(parseRawMap(bytes.buffer)).toEqual(raw);
  });

  test('another kind of array is refused by name', () => {
    const bytes = Uint8Array.from(encodeNpy(raw));
    bytes[bytes.indexOf('4'.charCodeAt(0), 20)] = '8'.charCodeAt(0);
    expect(() => parseRawMap(bytes.buffer)).toThrow();
  });

  test('a load is made once, a failed one again, and old ones are forgotten', async () => {
    const cached = createPromiseCache<string>(2);
    const loads: string[] = [];
    const load = (key: string): Promise<string> =>
      cached(key, async () => {
        loads.push(key);
        if (key === 'bad') throw new Error('no');
        return key;
      });
    expect(await Promise.all([load('a'), load('a')])).toEqual(['a', 'a']);
    await expect(load('bad')).rejects.toThrow('no');
    await expect(load('bad')).rejects.toThrow('no');
    await load('b');
    await load('c');
    await load('a');
    expect(loads).toEqual(['a', 'bad', 'bad', 'b', 'c', 'a']);
  });
});

describe('a map at pixels', () => {
  const geometry = fitImage(
    { width: 2, height: 1 },
    { width: 2, height: 1, fit: 'squash', cropFraction: 1 },
  );
  // Six magnitudes: the 99.5th percentile lies 97.5 % of the way from 4 to 8, at 7.9.
  const gradient = { shape: [1, 2, 3], data: Float32Array.of(0, 4, -4, 8, -2, 1) };
  const below = {
    ...{ width: 2, height: 1 },
    data: Uint8ClampedArray.of(100, 100, 100, 255, 100, 100, 100, 255),
  };

  test('in its own colours stands in the place of the image', () => {
    const expected = [128, 192, 63, 255, 255, 95, 144, 255];
    for (const original of [below, null]) {
      const painted = paintGradient(gradient, geometry, original, 'colour', colours);
      expect([...painted.data]).toEqual(expected);
    }
  });

  test('signed lies over the image by its strength, and alone on white', () => {
    // Sums 0 and 7; full is 6.965: nothing, and half of red over half of the image.
    const over = paintGradient(gradient, geometry, below, 'signed', colours);
    expect([...over.data]).toEqual([100, 100, 100, 255, 150, 60, 65, 255]);
    const alone = paintGradient(gradient, geometry, null, 'signed', colours);
    expect([...alone.data]).toEqual([255, 255, 255, 255, 200, 20, 30, 255]);
  });

  test('as magnitudes takes the colormap and the threshold', () => {
    const gray = { ...colours, colormap: 'gray', threshold: 0.6 } as const;
    // Largest 4 and 8; full is 7.98: 0.501, below the threshold, and 1.
    const painted = paintGradient(gradient, geometry, null, 'magnitude', gray);
    expect([...painted.data]).toEqual([0, 0, 0, 0, 255, 255, 255, 255]);
  });
});
