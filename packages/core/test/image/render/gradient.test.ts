import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Geometry } from '../../../src/image/geometry.ts';
import { createGradientMap, gradientScale } from '../../../src/image/gradient-style.ts';
import { renderGradient, renderGradientOver } from '../../../src/image/render/gradient.ts';
import type { RgbImage } from '../../../src/image/rgb-image.ts';

/** A map whose cells are the pixels of the image. */
function sameSize(width: number, height: number): Geometry {
  return {
    image: { width, height },
    input: { width, height },
    view: { x: 0, y: 0, width, height },
  };
}

function filled(width: number, height: number, value: number): RgbImage {
  return { width, height, channels: 3, data: new Uint8Array(width * height * 3).fill(value) };
}

describe('a map at pixels in its own colours', () => {
  test('by hand: zero is gray, the percentile is full, and what is larger is no stronger', () => {
    // Six magnitudes: the 99.5th percentile lies 97.5 % of the way from 4 to 8, at 7.9.
    const raw = { shape: [1, 2, 3], data: Float32Array.of(0, 4, -4, 8, -2, 1) };
    expect(gradientScale(raw, 'colour').value).toBeCloseTo(7.9, 6);
    const { channels, data } = renderGradient(raw, sameSize(2, 1));
    expect(channels).toBe(4);
    // 127.5 (1 + v / 7.9): 4 gives 192.06, -4 gives 62.94, 8 is cut to 255, -2 gives 95.22, 1 gives 143.64.
    expect([...data]).toEqual([128, 192, 63, 255, 255, 95, 144, 255]);
  });

  test('without negative values zero is black', () => {
    const raw = { shape: [1, 1, 3], data: Float32Array.of(0, 1, 2) };
    // 99.5 % of the way from the first to the last lies at rank 1.99: 1.99.
    expect([...renderGradient(raw, sameSize(1, 1)).data]).toEqual([0, 128, 255, 255]);
  });

  test('of a gray model is drawn in grays, and a map of zeros is black', () => {
    const gray = { shape: [1, 2, 1], data: Float32Array.of(-1, 1) };
    const drawn = renderGradient(gray, sameSize(2, 1));
    expect([...drawn.data]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    const zeros = { shape: [1, 1, 3], data: new Float32Array(3) };
    expect([...renderGradient(zeros, sameSize(1, 1)).data]).toEqual([0, 0, 0, 255]);
  });

  test('over an image of another size, as NumPy draws it', () => {
    const text = readFileSync(
      new URL('../../fixtures/drawn/gradients.json', import.meta.url),
      'utf8',
    );
    const expected = JSON.parse(text) as {
      raw: { shape: number[]; values: number[] };
      view: [number, number, number, number];
      size: [number, number];
      scale: Record<'colour' | 'signed' | 'magnitude', number>;
      bytes: number[];
    };
    const raw = { shape: expected.raw.shape, data: Float32Array.from(expected.raw.values) };
    const [x, y, across, down] = expected.view;
    const [width, height] = expected.size;
    const geometry: Geometry = {
      image: { width, height },
      input: { width: 8, height: 6 },
      view: { x, y, width: across, height: down },
    };
    for (const style of ['colour', 'signed', 'magnitude'] as const) {
      // Sums of three channels are rounded to float32: 6e-8 each.
      expect(gradientScale(raw, style).value / expected.scale[style] - 1).toBeLessThan(3e-7);
    }
    const { data } = renderGradientOver(filled(width, height, 7), raw, geometry);
    // A square of ten pixels from 1.5 on holds the centres of the pixels 1 to 10.
    const isSeen = (i: number): boolean => i % width >= 1 && i % width <= 10;
    let differing = 0;
    for (let i = 0; i < width * height * 3; i++) {
      const want = isSeen(Math.floor(i / 3)) ? expected.bytes[i]! : 7;
      if (data[i] !== want) differing += 1;
    }
    expect(differing).toBe(0);
  });

  test('needs an image of its size', () => {
    const raw = { shape: [1, 1, 3], data: new Float32Array(3) };
    expect(() => renderGradientOver(filled(2, 1, 0), raw, sameSize(1, 1))).toThrow(
      /1x1 does not fit the image of 2x1/,
    );
  });
});

describe('a map at pixels in one channel', () => {
  const raw = { shape: [1, 2, 3], data: Float32Array.of(1, -4, 2, 0.5, 0, 1) };

  test('signed: the sum of the channels, as a share of the percentile', () => {
    const { map, scale } = createGradientMap(raw, 'signed', sameSize(2, 1));
    // Sums -1 and 1.5; the percentile lies 99.5 % of the way from 1 to 1.5.
    expect(scale.value).toBeCloseTo(1.4975, 6);
    expect(map.values[0]).toBeCloseTo(-1 / 1.4975, 6);
    expect(map.values[1]).toBe(1);
  });

  test('magnitude: the largest of the channels', () => {
    const { map, scale } = createGradientMap(raw, 'magnitude', sameSize(2, 1));
    expect(scale.value).toBeCloseTo(3.985, 6);
    expect(map.values[0]).toBe(1);
    expect(map.values[1]).toBeCloseTo(1 / 3.985, 6);
  });
});
