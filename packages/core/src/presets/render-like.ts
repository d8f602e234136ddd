import { getColormap } from '../image/colormaps/colormap.ts';
import { isPeerColours, peerColour } from '../image/colormaps/peer-colours.ts';
import type { DisplayMap } from '../image/display-map.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { opaqueBelow } from '../image/render/check-size.ts';
import type { OverlayRule, Preset } from './preset.ts';

/**
 * Draws a peer's picture: its map over the image, with its colours and weights. Pixels that the model did
 * not see show the image alone.
 *
 * The colour tables are ours. Jet is always OpenCV's; matplotlib's, which some peers use, differs by a few
 * levels.
 *
 * @param map from {@link displayMapLike}.
 * @throws RangeError when the sizes differ.
 */
export function renderLike(image: RgbImage, map: DisplayMap, preset: Preset): RgbImage {
  const below = opaqueBelow(map, image).data;
  const { imageWeight, colourWeight, rescale } = preset.overlay;
  const values = preset.overlay.stretch ? stretchVisible(map) : map.values;
  const colourOf = createColouring(preset.overlay);
  const mixed = new Float64Array(values.length * 3);
  let largest = 0;
  values.forEach((value, i) => {
    if (map.visible[i] === 0) return;
    colourOf(value).forEach((part, c) => {
      mixed[i * 3 + c] = below[i * 3 + c]! * imageWeight + part * colourWeight;
      largest = Math.max(largest, mixed[i * 3 + c]!);
    });
  });
  const factor = rescale && largest > 0 ? 255 / largest : 1;
  const data = Uint8Array.from(below);
  values.forEach((_, i) => {
    if (map.visible[i] === 0) return;
    // Peers truncate to whole numbers; adding 0.001 keeps 254.9999 from becoming 254.
    for (let c = 0; c < 3; c++) data[i * 3 + c] = Math.floor(mixed[i * 3 + c]! * factor + 1e-3);
  });
  return { width: map.width, height: map.height, channels: 3, data };
}

function createColouring({
  colormap,
  steps,
  power,
}: OverlayRule): (value: number) => readonly number[] {
  if (isPeerColours(colormap)) return (value) => peerColour(colormap, value);
  const table = getColormap(colormap);
  const last = steps === 64 ? 63 : 255;
  return (value) => {
    const step = Math.floor(Math.min(1, Math.max(0, value ** power)) * steps + 1e-6);
    const index = Math.round((Math.min(last, step) * 255) / last) * 3;
    return [table[index]!, table[index + 1]!, table[index + 2]!];
  };
}

/** (x - min) / (max - min + 1e-5), with the minimum and maximum over the pixels that the model saw. */
function stretchVisible({ values, visible }: DisplayMap): Float32Array {
  const seen = values.filter((_, i) => visible[i] === 1);
  const smallest = seen.reduce((min, value) => Math.min(min, value), Infinity);
  const largest = seen.reduce((max, value) => Math.max(max, value), -Infinity);
  return values.map((value) => (value - smallest) / (largest - smallest + 1e-5));
}
