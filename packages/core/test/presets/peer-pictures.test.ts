import { expect, test } from 'vitest';
import { peerColour } from '../../src/image/colormaps/peer-colours.ts';
import { displayMapLike } from '../../src/presets/display-like.ts';
import { findPreset } from '../../src/presets/presets.ts';
import { renderPeerMap } from '../../src/presets/render-peer-map.ts';

/** matplotlib 3.11 with `bytes=True`: Blues, and captum's `from_list` of red, white and green at (v + 1) / 2. */
const colours = [
  ['blues', 0, [247, 251, 255]],
  ['blues', 0.2, [207, 225, 242]],
  ['blues', 0.5, [106, 173, 213]],
  ['blues', 0.7, [45, 125, 187]],
  ['blues', -1, [8, 48, 107]],
  ['red-white-green', -1, [255, 0, 0]],
  ['red-white-green', -0.5, [255, 128, 128]],
  ['red-white-green', 0, [254, 254, 254]],
  ['red-white-green', 0.4, [152, 203, 152]],
  ['red-white-green', 1, [0, 128, 0]],
] as const;

/** matplotlib interpolates between shares of 1 in float64, we between bytes: one level where both are cut. */
const ONE_LEVEL = 1;

test.each(colours)('%s of %d is matplotlib’s', (name, value, expected) => {
  peerColour(name, value).forEach((part, channel) => {
    expect(Math.abs(part - expected[channel]!)).toBeLessThanOrEqual(ONE_LEVEL);
  });
});

const geometry = {
  image: { width: 2, height: 1 },
  input: { width: 2, height: 1 },
  view: { x: 0, y: 0, width: 2, height: 1 },
};

test('a picture of three channels has the peer’s bytes', () => {
  // insikk shows (x - min) / (max - min): 0, 1/4, 1/2, 3/4, 1, 1/2, in whole levels below 255 of them.
  const raw = { shape: [1, 2, 3], data: Float32Array.of(-2, -1, 0, 1, 2, 0) };
  const like = { preset: 'insikk', method: 'guided-backprop', raw } as const;
  const map = displayMapLike(raw, findPreset('insikk'), 'guided-backprop', geometry);
  expect([...renderPeerMap(like, map, geometry).data]).toEqual([
    ...[0, 63, 127, 255],
    ...[191, 255, 127, 255],
  ]);
});

test('captum’s magnitudes are blue, its signed values red and green', () => {
  const raw = { shape: [1, 2], data: Float32Array.of(-1, 1) };
  const draw = (preset: 'captum' | 'captum:signed') => {
    const like = { preset, method: 'grad-cam', raw };
    const map = displayMapLike(raw, findPreset(preset), 'grad-cam', geometry);
    return [...renderPeerMap(like, map, geometry).data];
  };
  expect(draw('captum')).toEqual([8, 48, 107, 255, 8, 48, 107, 255]);
  expect(draw('captum:signed')).toEqual([255, 0, 0, 255, 0, 128, 0, 255]);
});
