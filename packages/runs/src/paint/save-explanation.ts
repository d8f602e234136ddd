import {
  displayMapOf,
  encodeRle,
  findPart,
  type BoxRule,
  type Component,
  type DisplayMap,
  type Explanation,
  type Geometry,
  type Mask,
  type ResultBox,
  type ResultExplanation,
  type RgbImage,
} from '@gradcam/core';
import { encodeMaskPng, encodeNpy, encodePng } from '@gradcam/core/node';
import { dropUndefined } from '../drop-undefined.ts';
import { nameExplanation } from '../files/file-names.ts';
import { createPainter } from './paint-explanation.ts';
import type { SaveKind, SaveSettings } from './picture-settings.ts';
import { encodeWebp } from './encode-webp.ts';
import { describePicture } from './picture-texts.ts';
import type { RunDirectory } from '../files/run-directory.ts';

/** The kinds that write one file for each explanation. */
type FileKind = Exclude<SaveKind, 'boxes'>;

/** The two steps of making an explanation's files: its maps and pictures are painted, and then encoded. */
export type PaintStage = 'paint' | 'encode';

/**
 * Writes the files of one explanation into the image's folder and returns the explanation's part of the line.
 *
 * @param taken stems of the files that the image has so far; the new stem is added.
 * @param onStage receives the time of each step in milliseconds.
 */
export async function saveExplanation(
  explanation: Explanation,
  image: RgbImage,
  geometry: Geometry,
  folder: string,
  settings: SaveSettings,
  run: RunDirectory,
  taken: Set<string>,
  onStage: (stage: PaintStage, ms: number) => void = () => {},
): Promise<ResultExplanation> {
  const { save } = settings;
  const { method, layer, target, score, raw, relu, nothing, points, peak, diagnostics } =
    explanation;
  const start = performance.now();
  const map = displayMapOf(explanation, geometry);
  const component = findPart(map, settings.box, peak);
  const texts = describePicture(explanation, settings);
  const painter = createPainter(explanation, map, geometry, settings);
  onStage('paint', performance.now() - start);
  const { extension: picture, encode } = encoders[settings.format ?? 'png'];
  const files: Record<string, string> = {};
  /** What each kind of file holds: painting returns what encodes it. */
  const kinds: Readonly<Record<FileKind, readonly [string, () => Encode]>> = {
    overlay: [`overlay.${picture}`, () => bind(encode, painter.overlay(image), texts)],
    heatmap: [`heatmap.${picture}`, () => bind(encode, painter.heatmap(), texts)],
    raw: ['npy', () => async () => encodeNpy(raw)],
    display: [
      'display.npy',
      () => async () => encodeNpy({ shape: [map.height, map.width], data: map.values }),
    ],
    masks: ['mask.png', () => bind(encodeMaskPng, component?.mask ?? emptyMask(map), texts)],
  };
  const name = nameExplanation(explanation, taken);
  taken.add(name);
  const stem = `${folder}/${name}`;
  for (const kind of save) {
    // Boxes go into the line, and at the end of the run into one file for all images.
    if (kind === 'boxes') continue;
    const [extension, paint] = kinds[kind];
    const painting = performance.now();
    const encodeIt = paint();
    const encoding = performance.now();
    const bytes = await encodeIt();
    onStage('paint', encoding - painting);
    onStage('encode', performance.now() - encoding);
    files[kind === 'masks' ? 'mask' : kind] = await run.writeFile(`${stem}.${extension}`, bytes);
  }
  const [rows = 0, columns = 0] = raw.shape;
  return dropUndefined({
    method,
    layer,
    target,
    score,
    grid: [rows, columns],
    relu,
    nothing,
    scale: painter.scale,
    points,
    files,
    peak,
    box: describeBox(component, settings.box, peak),
    mask:
      save.includes('boxes') && component !== null
        ? { area: component.area, ...encodeRle(component.mask) }
        : undefined,
    diagnostics,
  });
}

type Encode = () => Promise<Uint8Array>;

/** How pictures are encoded, by the values of `format`. */
const encoders = {
  png: { extension: 'png', encode: encodePng },
  webp: { extension: 'webp', encode: encodeWebp },
};

function bind<T, U>(encode: (picture: T, texts: U) => Promise<Uint8Array>, picture: T, texts: U) {
  return (): Promise<Uint8Array> => encode(picture, texts);
}

function describeBox(
  component: Component | null,
  rule: BoxRule,
  { x, y }: Explanation['peak'],
): ResultBox | null {
  if (component === null) return null;
  const { width, data } = component.mask;
  const holdsPeak = data[Math.floor(y) * width + Math.floor(x)] === 1;
  return holdsPeak ? { ...component.box, rule } : { ...component.box, rule, holdsPeak };
}

function emptyMask({ width, height }: DisplayMap): Mask {
  return { width, height, data: new Uint8Array(width * height) };
}
