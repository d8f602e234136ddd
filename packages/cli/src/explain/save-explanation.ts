import {
  displayMapOf,
  findBox,
  findPreset,
  renderHeatmap,
  renderLike,
  renderOverlay,
  renderSignedHeatmap,
  type ColormapName,
  type DisplayMap,
  type Explanation,
  type Geometry,
  type ResultExplanation,
  type RgbImage,
} from '@gradcam/core';
import { encodeNpy, encodePng } from '@gradcam/core/node';
import { nameExplanation } from './file-names.ts';
import type { RunDirectory } from './run-directory.ts';

/** Kinds of files that `--save` takes. */
export const saveKinds = ['overlay', 'heatmap', 'raw', 'display'] as const;

export type SaveKind = (typeof saveKinds)[number];

export interface SaveSettings {
  readonly save: readonly SaveKind[];
  readonly colormap: ColormapName;
  readonly alpha: number;
}

/** Writes the files of one explanation into the image's folder and returns its line. */
export async function saveExplanation(
  explanation: Explanation,
  image: RgbImage,
  geometry: Geometry,
  folder: string,
  settings: SaveSettings,
  run: RunDirectory,
  taken: Set<string>,
): Promise<ResultExplanation> {
  const { save } = settings;
  const { method, layer, target, score, raw, relu, peak, diagnostics } = explanation;
  const map = displayMapOf(explanation, geometry);
  const encoders: Readonly<Record<SaveKind, readonly [string, () => Promise<Uint8Array>]>> = {
    overlay: ['overlay.png', () => encodePng(paintOverlay(explanation, image, map, settings))],
    heatmap: ['heatmap.png', () => encodePng(paintHeatmap(explanation, map, settings))],
    raw: ['npy', async () => encodeNpy(raw)],
    display: [
      'display.npy',
      async () => encodeNpy({ shape: [map.height, map.width], data: map.values }),
    ],
  };
  const name = nameExplanation(explanation, taken);
  taken.add(name);
  const stem = `${folder}/${name}`;
  const files: Record<string, string> = {};
  for (const kind of save) {
    const [extension, encode] = encoders[kind];
    files[kind] = await run.writeFile(`${stem}.${extension}`, await encode());
  }
  const [rows = 0, columns = 0] = raw.shape;
  return {
    method,
    layer,
    target,
    score,
    grid: [rows, columns],
    relu,
    files,
    peak,
    box: findBox(map),
    diagnostics,
  };
}

/** In the way of a preset's peer where one was asked for. */
function paintOverlay(
  { like }: Explanation,
  image: RgbImage,
  map: DisplayMap,
  { colormap, alpha }: SaveSettings,
): RgbImage {
  if (like !== undefined) return renderLike(image, map, findPreset(like.preset));
  return renderOverlay(image, map, colormap, alpha);
}

function paintHeatmap(
  { like }: Explanation,
  map: DisplayMap,
  { colormap }: SaveSettings,
): RgbImage {
  if (like === undefined) return renderHeatmap(map, colormap);
  const { overlay } = findPreset(like.preset);
  return overlay.colormap === 'diverging'
    ? renderSignedHeatmap(map)
    : renderHeatmap(map, overlay.colormap);
}
