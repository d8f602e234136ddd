import { describe, expect, test } from 'vitest';
import type { DisplayMap } from '../../../src/image/display-map.ts';
import type { RgbImage } from '../../../src/image/rgb-image.ts';
import { findPreset } from '../../../src/presets/presets.ts';
import { renderLike } from '../../../src/presets/render-like.ts';
import { renderOverlayByValue } from '../../../src/image/render/alpha-by-value.ts';
import { renderContours } from '../../../src/image/render/contour.ts';
import {
  divergingColour,
  renderSignedHeatmap,
  renderSignedOverlay,
} from '../../../src/image/render/signed.ts';

/** A row of grey pixels of value 100. */
function grey(width: number, height = 1): RgbImage {
  return { width, height, channels: 3, data: new Uint8Array(width * height * 3).fill(100) };
}

function mapOf(values: readonly number[], width = values.length): DisplayMap {
  return {
    width,
    height: values.length / width,
    values: Float32Array.from(values),
    visible: new Uint8Array(values.length).fill(1),
  };
}

/** As {@link mapOf}, where the model did not see the last pixel. */
function mapWithBlindEnd(values: readonly number[]): DisplayMap {
  const map = mapOf(values);
  map.visible[values.length - 1] = 0;
  return map;
}

describe('alpha by value', () => {
  test('leaves the image where the map is zero, and mixes by value elsewhere', () => {
    const map = mapWithBlindEnd([0, 1, -1, 1]);
    const { data, channels } = renderOverlayByValue(grey(4), map, 'jet', 0.5);
    expect(channels).toBe(3);
    // Half of (100, 100, 100) and half of jet's end, (128, 0, 0).
    expect([...data]).toEqual([100, 100, 100, 114, 50, 50, 100, 100, 100, 100, 100, 100]);
  });

  test('at half the value takes half the alpha', () => {
    // gray at 0.2 is 51: 100 * 0.8 + 51 * 0.2 = 90.2
    const { data } = renderOverlayByValue(grey(1), mapOf([0.2]), 'gray', 1);
    expect([...data]).toEqual([90, 90, 90]);
  });
});

describe('contours', () => {
  const map = mapOf(
    [
      ...[0, 0, 0, 0, 0],
      ...[0, 1, 1, 1, 0],
      ...[0, 1, 1, 1, 0],
      ...[0, 1, 1, 1, 0],
      ...[0, 0, 0, 0, 0],
    ],
    5,
  );
  const drawn = (image: RgbImage): number[] =>
    Array.from({ length: image.width * image.height }, (_, i) =>
      image.data[i * 3] === 100 ? 0 : 1,
    );

  test('run inside of what reaches the level', () => {
    const image = renderContours(grey(5, 5), map, 'gray', { levels: [0.5] });
    expect(drawn(image)).toEqual([
      ...[0, 0, 0, 0, 0],
      ...[0, 1, 1, 1, 0],
      ...[0, 1, 0, 1, 0],
      ...[0, 1, 1, 1, 0],
      ...[0, 0, 0, 0, 0],
    ]);
    // In the level's colour: half of 255.
    expect(image.data[6 * 3]).toBe(128);
  });

  test('do not run along the border of the picture', () => {
    const image = renderContours(grey(3, 2), mapOf([1, 1, 0, 1, 1, 0], 3), 'gray', {
      levels: [0.5],
    });
    expect(drawn(image)).toEqual([0, 1, 0, 0, 1, 0]);
  });

  test('of a higher level lie over those of a lower one', () => {
    const image = renderContours(grey(2), mapOf([1, 0]), 'gray', { levels: [0.75, 0.25] });
    expect(image.data[0]).toBe(191);
  });

  test('end where the model saw nothing', () => {
    const image = renderContours(grey(3), mapWithBlindEnd([1, 1, 1]), 'gray', { levels: [0.5] });
    expect(drawn(image)).toEqual([0, 1, 0]);
  });
});

describe('signed colours', () => {
  test('are white at nothing, red for, blue against, and cut outside of -1..1', () => {
    expect(divergingColour(0)).toEqual([255, 255, 255]);
    expect(divergingColour(1)).toEqual([200, 20, 30]);
    expect(divergingColour(-7)).toEqual([20, 70, 200]);
    // Half way: (255 + 200) / 2 = 227.5, (255 + 20) / 2, (255 + 30) / 2
    expect(divergingColour(0.5)).toEqual([228, 138, 143]);
  });

  test('heatmap: transparent where the model saw nothing', () => {
    const { data, channels } = renderSignedHeatmap(mapWithBlindEnd([-1, 1]));
    expect(channels).toBe(4);
    expect([...data]).toEqual([20, 70, 200, 255, 0, 0, 0, 0]);
  });

  test('overlay: the image where the map says nothing', () => {
    const { data } = renderSignedOverlay(grey(3), mapOf([0, 1, -0.5]), 0.5);
    expect([...data]).toEqual([
      ...[100, 100, 100],
      ...[150, 60, 65],
      // A quarter of blue: 75 + 5, 75 + 17.5, 75 + 50
      ...[80, 93, 125],
    ]);
  });
});

describe('the pictures of peers', () => {
  const image = { ...grey(2), data: Uint8Array.of(0, 0, 0, 200, 200, 200) };

  test('pytorch-grad-cam: half and half, divided by the largest', () => {
    // (0, 0, 64) and (164, 100, 100): times 255 / 164, cut.
    const { data } = renderLike(image, mapOf([0, 1]), findPreset('pytorch-grad-cam'));
    expect([...data]).toEqual([0, 0, 99, 255, 155, 155]);
  });

  test('torchcam: the colour of the square, 0.3 of it', () => {
    const preset = findPreset('torchcam');
    const { data } = renderLike(image, mapOf([0, 1]), preset);
    expect([...data]).toEqual([0, 0, 38, 178, 140, 140]);
    // -1 squared is 1, as there.
    expect(renderLike(image, mapOf([0, -1]), preset).data).toEqual(data);
  });

  test('insikk: the coloured map alone', () => {
    const { data } = renderLike(image, mapOf([0, 1]), findPreset('insikk'));
    expect([...data]).toEqual([0, 0, 128, 128, 0, 0]);
  });

  test('captum: magnitudes in Blues', () => {
    const { data } = renderLike(image, mapOf([-1, 1]), findPreset('captum'));
    expect([...data]).toEqual([8, 48, 107, 8, 48, 107]);
  });

  test('tfjs-examples: stretched to its own range, twice the colour, divided by the largest', () => {
    const { data } = renderLike(image, mapOf([0.25, 0.75]), findPreset('tfjs-examples'));
    // viridis ends: (68, 1, 84) and (253, 231, 37); 2 * 253 + 200 = 706 is the largest.
    const expected = [136, 2, 168, 706, 662, 274].map((part) => Math.floor((part * 255) / 706));
    expect([...data]).toEqual(expected);
  });

  test('leave the image where the model saw nothing', () => {
    const { data } = renderLike(image, mapWithBlindEnd([1, 1]), findPreset('insikk'));
    expect([...data.subarray(3)]).toEqual([200, 200, 200]);
  });
});

test('maps of another size are refused by every mode', () => {
  const map = mapOf([0, 1, 0]);
  const fits = /3x1 does not fit .*2x1/;
  expect(() => renderOverlayByValue(grey(2), map, 'jet', 1)).toThrow(fits);
  expect(() => renderContours(grey(2), map, 'jet')).toThrow(fits);
  expect(() => renderSignedOverlay(grey(2), map, 1)).toThrow(fits);
  expect(() => renderLike(grey(2), map, findPreset('captum'))).toThrow(fits);
});

describe('contours of a signed map', () => {
  test('are red for and blue against, where the map is as far from zero as the level', () => {
    const map = mapOf([-1, -0.4, 0, 0.4, 1]);
    const { data } = renderContours(grey(5), map, 'diverging', { levels: [-0.5, 0.5] });
    const pixel = (i: number): number[] => [...data.subarray(i * 3, i * 3 + 3)];
    expect(pixel(0)).toEqual([...divergingColour(-0.5)]);
    expect(pixel(4)).toEqual([...divergingColour(0.5)]);
    expect([1, 2, 3].map((i) => pixel(i)[0])).toEqual([100, 100, 100]);
  });

  test('are as wide as asked for, inwards', () => {
    const { data } = renderContours(grey(6), mapOf([0, 1, 1, 1, 1, 1]), 'gray', {
      levels: [0.5],
      lineWidth: 2,
    });
    expect(Array.from({ length: 6 }, (_, i) => data[i * 3])).toEqual([
      100, 128, 128, 100, 100, 100,
    ]);
  });
});
