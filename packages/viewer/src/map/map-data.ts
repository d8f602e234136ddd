import {
  aboveNothing,
  createDisplayMap,
  type DisplayMap,
  type Geometry,
  type NdArray,
  type ResultExplanation,
  type ResultLine,
  type RunSettings,
} from '@gradcam/core';
import { fileAddress } from '../run/file-address.ts';
import { geometryOf, scaleGeometry } from './geometry.ts';
import { recoverOriginal, type Pixels } from './paint.ts';
import { createPromiseCache } from './promise-cache.ts';
import { parseRawMap } from './raw-map.ts';
import { findColormap, isRecoverable } from './recoverable.ts';

/** All that is needed to draw a map anew, in other colours. */
export interface MapData {
  /** [rows, columns] */
  readonly raw: NdArray;
  readonly relu: boolean;
  /** The raw value that means "nothing", where that is not 0. */
  readonly nothing?: number | undefined;
  /** In pixels of the image as drawn, which is smaller than a very large original. */
  readonly geometry: Geometry;
  /** Of the drawn size. */
  readonly smooth: DisplayMap;
  /** null where the image is gone and the run's overlays do not allow to recover it. */
  readonly original: Pixels | null;
}

/** Names a map of a run. */
export interface MapSource {
  readonly base: string;
  readonly line: ResultLine;
  readonly explanation: ResultExplanation;
  readonly settings: RunSettings;
  /** Longest side at which it is drawn; a smaller image keeps its size. */
  readonly maxSide: number;
}

/** Whether a map can be drawn anew: its raw values were saved. */
export function isRedrawable({ files }: ResultExplanation): boolean {
  return files['raw'] !== undefined;
}

const mapCache = createPromiseCache<MapData | null>(24);
const originalCache = createPromiseCache<Pixels | null>(8);

/**
 * Reads a map's raw values and the image below it.
 *
 * @returns null for a map of colours per pixel, which is a picture already.
 */
export async function loadMapData(source: MapSource): Promise<MapData | null> {
  const { base, explanation, maxSide } = source;
  const key = `${base} ${explanation.files['raw']} ${maxSide}`;
  return mapCache(key, async () => {
    const grid = await loadGrid(source);
    if (grid === null) return null;
    const original = await loadOriginal(source, grid);
    return { ...grid, original };
  });
}

/** The image without a map over it: as it was explained, or taken out of an overlay of it. */
async function loadOriginal(
  source: MapSource,
  own: Omit<MapData, 'original'>,
): Promise<Pixels | null> {
  const { base, line, maxSide } = source;
  return originalCache(
    `${base} ${line.image} ${maxSide}`,
    async () => (await fetchOriginal(source, own)) ?? recoverFromOverlay(source, own),
  );
}

/**
 * The image itself, which the command's server finds by its content; null where it is gone, and of a
 * run that does not say where its images lie, as those do not whose lines state no view.
 */
async function fetchOriginal(
  { base, line }: MapSource,
  { smooth }: Omit<MapData, 'original'>,
): Promise<Pixels | null> {
  // A report has no server.
  if (line.view === undefined || base === '') return null;
  const response = await fetch(`${base}originals/${line.sha256}`);
  if (!response.ok) return null;
  // A format that this browser does not know, as TIFF.
  return decodePicture(await response.blob(), smooth).catch(() => null);
}

/** From whichever of the overlays comes first. */
async function recoverFromOverlay(
  source: MapSource,
  own: Omit<MapData, 'original'>,
): Promise<Pixels | null> {
  const { base, line, settings } = source;
  const first = line.explanations.find(
    (one) => one.files['overlay'] !== undefined && isRedrawable(one),
  );
  const colormap = findColormap(settings);
  if (first === undefined || colormap === undefined || !isRecoverable(settings)) return null;
  const grid =
    first === source.explanation ? own : await loadGrid({ ...source, explanation: first });
  if (grid === null) return null;
  const { smooth } = grid;
  const address = fileAddress(base, first.files['overlay']!);
  const overlay = await decodePicture(await fetchBlob(address), smooth);
  return recoverOriginal(overlay, smooth, { colormap, opacity: settings.alpha });
}

async function loadGrid(source: MapSource): Promise<Omit<MapData, 'original'> | null> {
  const { base, line, explanation, maxSide } = source;
  const blob = await fetchBlob(fileAddress(base, explanation.files['raw'] ?? ''));
  const raw = parseRawMap(await blob.arrayBuffer());
  if (raw.shape.length !== 2) return null;
  const scale = Math.min(1, maxSide / Math.max(line.width, line.height));
  const geometry = scaleGeometry(geometryOf(line, explanation, raw), scale);
  const { relu, nothing } = explanation;
  const smooth = createDisplayMap(aboveNothing(raw, nothing), relu, geometry);
  return { raw, relu, nothing, geometry, smooth };
}

async function fetchBlob(address: string): Promise<Blob> {
  const response = await fetch(address);
  if (!response.ok)
    throw new Error(`${address}: the server answered with HTTP status ${response.status}`);
  return response.blob();
}

async function decodePicture(
  blob: Blob,
  { width, height }: { width: number; height: number },
): Promise<Pixels> {
  const bitmap = await createImageBitmap(blob, {
    // The pixels as they are in the file: colours are computed from them.
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: 'high',
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('this browser provides no 2d canvas');
  // What is transparent the model sees on white.
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, data: new Uint8ClampedArray(data) };
}
