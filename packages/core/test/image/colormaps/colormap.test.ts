import { describe, expect, test } from 'vitest';
import {
  colormapNames,
  getColormap,
  type ColormapName,
} from '../../../src/image/colormaps/colormap.ts';

function colourAt(name: ColormapName, step: number): number[] {
  return [...getColormap(name).subarray(step * 3, step * 3 + 3)];
}

/** RGB as OpenCV 5.0's applyColorMap gives it for the gray values in front. */
const opencv: Record<Exclude<ColormapName, 'gray'>, readonly (readonly number[])[]> = {
  jet: [
    [0, 0, 0, 128],
    [1, 0, 0, 132],
    [31, 0, 0, 252],
    [32, 0, 0, 255],
    [33, 0, 4, 255],
    [64, 0, 128, 255],
    [95, 0, 252, 255],
    [96, 2, 255, 254],
    [97, 6, 255, 250],
    [128, 130, 255, 126],
    [160, 255, 252, 0],
    [191, 255, 128, 0],
    [223, 255, 0, 0],
    [224, 252, 0, 0],
    [254, 132, 0, 0],
    [255, 128, 0, 0],
  ],
  turbo: [
    [0, 48, 18, 59],
    [64, 40, 188, 235],
    [128, 164, 252, 60],
    [192, 251, 126, 33],
    [255, 122, 4, 3],
  ],
  viridis: [
    [0, 68, 1, 84],
    [64, 59, 82, 139],
    [128, 33, 145, 140],
    [192, 94, 201, 98],
    [255, 253, 231, 37],
  ],
  inferno: [
    [0, 0, 0, 4],
    [64, 87, 16, 110],
    [128, 188, 55, 84],
    [192, 249, 142, 9],
    [255, 252, 255, 164],
  ],
};

describe('colours are those of OpenCV', () => {
  test.each(Object.entries(opencv))('%s', (name, steps) => {
    for (const [step, ...colour] of steps) {
      expect([step, ...colourAt(name as ColormapName, step!)]).toEqual([step, ...colour]);
    }
  });
});

test('gray is its own value', () => {
  expect([0, 1, 127, 128, 255].map((step) => colourAt('gray', step))).toEqual(
    [0, 1, 127, 128, 255].map((step) => [step, step, step]),
  );
});

test('each has 256 colours', () => {
  for (const name of colormapNames) expect(getColormap(name)).toHaveLength(768);
});
