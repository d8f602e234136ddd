import { describe, expect, test } from 'vitest';
import { renderHeatmap, renderOverlay } from '../../../src/image/render/colour.ts';
import type { DisplayMap } from '../../../src/image/display-map.ts';
import type { RgbImage } from '../../../src/image/rgb-image.ts';

/** Three pixels: nothing, full, and one that the model did not see. */
const map: DisplayMap = {
  width: 3,
  height: 1,
  values: Float32Array.of(0, 1, 0),
  visible: Uint8Array.of(1, 1, 0),
};

const image: RgbImage = {
  width: 3,
  height: 1,
  channels: 3,
  data: Uint8Array.of(10, 20, 30, 100, 150, 200, 7, 8, 9),
};

describe('overlay', () => {
  test('mixes image and colour by hand: jet is (0, 0, 128) at 0 and (128, 0, 0) at 1', () => {
    const { data, channels } = renderOverlay(image, map, 'jet', 0.25);
    expect(channels).toBe(3);
    expect([...data]).toEqual([
      ...[8, 15, 55], // .75 * (10, 20, 30) + .25 * (0, 0, 128) = 7.5, 15, 54.5
      ...[107, 113, 150], // .75 * (100, 150, 200) + .25 * (128, 0, 0) = 107, 112.5, 150
      ...[7, 8, 9],
    ]);
  });

  test('with alpha 0 is the image, with alpha 1 the colour', () => {
    expect(renderOverlay(image, map, 'viridis', 0).data).toEqual(image.data);
    expect([...renderOverlay(image, map, 'viridis', 1).data]).toEqual([
      ...[68, 1, 84],
      ...[253, 231, 37],
      ...[7, 8, 9],
    ]);
  });

  test('leaves the image alone', () => {
    const before = [...image.data];
    renderOverlay(image, map, 'turbo', 0.5);
    expect([...image.data]).toEqual(before);
  });

  test('of another size is refused', () => {
    expect(() => renderOverlay({ ...image, width: 1, height: 3 }, map, 'jet', 0.5)).toThrow(
      /3x1 does not fit .*1x3/,
    );
  });
});

describe('heatmap', () => {
  test('is transparent where the model did not see the image', () => {
    const { data, channels } = renderHeatmap(map, 'inferno');
    expect(channels).toBe(4);
    expect([...data]).toEqual([...[0, 0, 4, 255], ...[252, 255, 164, 255], ...[0, 0, 0, 0]]);
  });

  test('rounds values to the nearest of 256 steps and cuts what is outside of 0..1', () => {
    const steps: DisplayMap = {
      width: 4,
      height: 1,
      values: Float32Array.of(0.49 / 255, 0.51 / 255, -0.5, 1.5),
      visible: new Uint8Array(4).fill(1),
    };
    const { data } = renderHeatmap(steps, 'gray');
    expect([0, 4, 8, 12].map((i) => data[i])).toEqual([0, 1, 0, 255]);
  });
});
