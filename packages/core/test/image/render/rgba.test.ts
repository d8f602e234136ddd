import { describe, expect, test } from 'vitest';
import type { RgbImage } from '../../../src/image/rgb-image.ts';
import { findPreset } from '../../../src/presets/presets.ts';
import { renderLike } from '../../../src/presets/render-like.ts';
import { renderOverlayByValue } from '../../../src/image/render/alpha-by-value.ts';
import { renderOverlay } from '../../../src/image/render/colour.ts';
import { renderContours } from '../../../src/image/render/contour.ts';
import { renderSignedOverlay } from '../../../src/image/render/signed.ts';

/** Black of about half an alpha, whole red, and nothing at all. */
const rgba: RgbImage = {
  ...{ width: 3, height: 1, channels: 4 },
  data: Uint8Array.of(...[0, 0, 0, 127], ...[200, 0, 0, 255], ...[9, 9, 9, 0]),
};

/** 255 - 127 = 128 of white where black has 127 of 255. */
const onWhite: RgbImage = {
  ...{ width: 3, height: 1, channels: 3 },
  data: Uint8Array.of(...[128, 128, 128], ...[200, 0, 0], ...[255, 255, 255]),
};

const map = {
  ...{ width: 3, height: 1 },
  values: Float32Array.of(0, 0.5, 1),
  visible: Uint8Array.of(0, 1, 1),
};

describe('an image with alpha is drawn over as it lies on white, which is how the model saw it', () => {
  test('by hand', () => {
    // Gray's end is white: half of 255 and half of 255; its middle is 128: (200 + 128) / 2 and 128 / 2.
    const { channels, data } = renderOverlay(rgba, map, 'gray', 0.5);
    expect(channels).toBe(3);
    expect([...data]).toEqual([...[128, 128, 128], ...[164, 64, 64], ...[255, 255, 255]]);
  });

  test.each([
    ['renderOverlay', (image: RgbImage) => renderOverlay(image, map, 'jet', 0.4)],
    ['renderOverlayByValue', (image: RgbImage) => renderOverlayByValue(image, map, 'jet', 0.4)],
    ['renderContours', (image: RgbImage) => renderContours(image, map, 'jet')],
    ['renderSignedOverlay', (image: RgbImage) => renderSignedOverlay(image, map, 0.4)],
    ['renderLike', (image: RgbImage) => renderLike(image, map, findPreset('torchcam'))],
  ])('%s', (_, render) => {
    expect(render(rgba)).toEqual(render(onWhite));
  });
});
