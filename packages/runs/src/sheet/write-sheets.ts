import {
  captionHeight,
  isFailure,
  latestLines,
  renderSheet,
  type RgbImage,
  type SheetPanel,
} from '@gradcam/core';
import { encodePng, MAX_IMAGE_BYTES } from '@gradcam/core/node';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { readRun } from '../files/read-run.ts';
import { MAX_PAGES, planPages } from './plan-pages.ts';
import { readTile } from './read-tile.ts';

/** The sheets to write. */
export interface SheetRequest {
  /** The run folder. */
  readonly run: string;
  /** Longest side of each picture, in pixels. */
  readonly tile: number;
  /** The name of the first sheet. Further sheets have `-2`, `-3` and so on before the extension. */
  readonly name: string;
  /** Name and version of the program, as every sheet states it. */
  readonly software: string;
  /** Writes a sheet under its name. */
  readonly write: (name: string, bytes: Uint8Array) => Promise<unknown>;
}

/** Gets messages about pictures that are missing on the sheets. */
export interface Remarks {
  note(text: string): void;
  warn(text: string): void;
}

export const DEFAULT_TILE = 224;

/** All browsers and viewers accept pictures of this height. */
const MAX_HEIGHT = 4096;

/**
 * Writes the contact sheets of a run: each image with its overlays or heatmaps next to it.
 *
 * @returns the names of the sheets.
 * @throws RunError `not-found` where there is no run, `data` where the run is damaged or has no pictures.
 */
export async function writeSheets(request: SheetRequest, remarks: Remarks): Promise<string[]> {
  const { run, tile, name, software, write } = request;
  const { run: file, lines } = await readRun(run);
  const { model } = file;
  const results = latestLines(lines.flatMap((line) => (isFailure(line) ? [] : [line])));
  const plan = planPages(results, Math.floor(MAX_HEIGHT / (tile + CAPTION)));
  if (plan.pages.length === 0) {
    throw new RunError(
      'data',
      `${run}: no pictures in this run; explain with --save overlay or heatmap`,
    );
  }
  const texts = { Software: software, Model: model.id, 'Model-SHA256': model.digest };
  const names = [];
  const unread = { gone: 0, 'too large': 0 };
  for (const [i, places] of plan.pages.entries()) {
    const { columns } = plan;
    const panels = await Promise.all(
      places.map(async (place): Promise<SheetPanel> => {
        if (place.kind === 'empty') return { image: fillTile(1, 255) };
        const image = await readTile(place, run, file, tile);
        if (typeof image !== 'string') return { image, caption: place.caption };
        unread[image] += 1;
        // A grey tile stands for a file that is missing.
        return { image: fillTile(tile, 200), caption: place.caption };
      }),
    );
    const sheet = renderSheet(panels, { columns, size: [tile, tile] });
    const { dir, name: stem, ext } = path.parse(name);
    const own = i === 0 ? name : path.join(dir, `${stem}-${i + 1}${ext}`);
    await write(own, await encodePng(sheet, texts));
    names.push(own);
  }
  if (unread.gone > 0) {
    remarks.warn(
      `${unread.gone} pictures are grey: their files are gone, have changed, or are not in the run's folder`,
    );
  }
  if (unread['too large'] > 0) {
    remarks.warn(
      `${unread['too large']} pictures are grey: their files have more than ${MAX_IMAGE_BYTES / 2 ** 20} MB, the limit for images`,
    );
  }
  if (plan.leftOut > 0) {
    remarks.note(`${plan.leftOut} images are on none of the ${MAX_PAGES} sheets`);
  }
  return names;
}

/**
 * Height of a caption with the gap below it, in pixels, for the number of rows on a sheet: three lines,
 * which names and layers of usual length take. With longer captions a sheet is higher.
 */
const CAPTION = captionHeight(3) + 8;

function fillTile(side: number, level: number): RgbImage {
  const data = new Uint8Array(side * side * 3).fill(level);
  return { width: side, height: side, channels: 3, data };
}
