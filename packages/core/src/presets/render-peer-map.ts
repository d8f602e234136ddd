import type { NdArray } from '../base/nd-array.ts';
import { getColormap } from '../image/colormaps/colormap.ts';
import { isPeerColours, peerColour } from '../image/colormaps/peer-colours.ts';
import { createDisplayMap, type DisplayMap } from '../image/display-map.ts';
import type { Geometry } from '../image/geometry.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { displayLike } from './display-like.ts';
import type { PeerMap } from './explain-like-peer.ts';
import type { OverlayRule } from './preset.ts';
import { findPreset } from './presets.ts';

/** Levels of a byte. */
const LEVELS = 255;

/**
 * Draws a peer's map alone, in its own colours. A map that the peer shows as a picture of three channels,
 * such as pytorch-grad-cam's guided backpropagation, is that picture: in the input's own size its bytes are
 * the peer's, cut to whole numbers as there. Pixels that the model did not see are transparent. RGBA.
 *
 * @param map from `displayMapLike`.
 */
export function renderPeerMap(like: PeerMap, map: DisplayMap, geometry: Geometry): RgbImage {
  const preset = findPreset(like.preset);
  const shown = displayLike(like.raw, preset, like.method, geometry.input);
  const data =
    shown.shape[2] === 3 ? drawPicture(shown, geometry) : drawColours(map, preset.overlay);
  map.visible.forEach((seen, i) => (data[i * 4 + 3] = seen === 1 ? 255 : 0));
  return { width: map.width, height: map.height, channels: 4, data };
}

/** The picture over the original, each channel enlarged between the centres of its pixels. */
function drawPicture({ shape, data }: NdArray, geometry: Geometry): Uint8Array {
  const { width, height } = geometry.image;
  const drawn = new Uint8Array(width * height * 4);
  for (let channel = 0; channel < 3; channel++) {
    const bytes = Float32Array.from({ length: data.length / 3 }, (_, i) =>
      Math.floor(Math.fround(data[i * 3 + channel]! * LEVELS)),
    );
    const most = bytes.reduce((max, value) => Math.max(max, value), 0);
    const { values } = createDisplayMap(
      { shape: [shape[0]!, shape[1]!], data: bytes },
      false,
      geometry,
    );
    // createDisplayMap divides by the largest value.
    values.forEach((value, i) => (drawn[i * 4 + channel] = Math.round(value * most)));
  }
  return drawn;
}

function drawColours(map: DisplayMap, { colormap }: OverlayRule): Uint8Array {
  const colourOf = peerColours(colormap);
  const drawn = new Uint8Array(map.values.length * 4);
  map.values.forEach((value, i) => {
    if (map.visible[i] === 1) drawn.set(colourOf(value), i * 4);
  });
  return drawn;
}

function peerColours(name: OverlayRule['colormap']): (value: number) => readonly number[] {
  if (isPeerColours(name)) return (value) => peerColour(name, value);
  const table = getColormap(name);
  return (value) => {
    const step = Math.round(Math.min(1, Math.max(0, value)) * LEVELS) * 3;
    return [table[step]!, table[step + 1]!, table[step + 2]!];
  };
}
