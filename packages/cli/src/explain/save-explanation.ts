import {
  displayMapOf,
  findBox,
  renderHeatmap,
  renderOverlay,
  type ColormapName,
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
): Promise<ResultExplanation> {
  const { save, colormap, alpha } = settings;
  const { method, layer, target, score, raw, relu, peak, diagnostics } = explanation;
  const map = displayMapOf(explanation, geometry);
  const encoders: Readonly<Record<SaveKind, readonly [string, () => Promise<Uint8Array>]>> = {
    overlay: ['overlay.png', () => encodePng(renderOverlay(image, map, colormap, alpha))],
    heatmap: ['heatmap.png', () => encodePng(renderHeatmap(map, colormap))],
    raw: ['npy', async () => encodeNpy(raw)],
    display: [
      'display.npy',
      async () => encodeNpy({ shape: [map.height, map.width], data: map.values }),
    ],
  };
  const stem = `${folder}/${nameExplanation(explanation)}`;
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
