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

/** Everything that is needed to draw a map again in other colours. */
export interface MapData {
  /** [rows, columns] */
  readonly raw: NdArray;
  readonly relu: boolean;
  /** The raw value that means no evidence, if it is not 0. */
  readonly nothing?: number | undefined;
  /** The geometry in pixels of the drawn image, which may be a smaller copy of a large original. */
  readonly geometry: Geometry;
  /** The smooth map at the drawn size. */
  readonly smooth: DisplayMap;
  /** Null if the image is missing and cannot be recovered from the run's overlays. */
  readonly original: Pixels | null;
}

/** Names a map of a run. */
export interface MapSource {
  readonly base: string;
  readonly line: ResultLine;
  readonly explanation: ResultExplanation;
  readonly settings: RunSettings;
  /** The longest side at which the map is drawn, in pixels. A smaller image keeps its size. */
  readonly maxSide: number;
}

/** Whether a map can be drawn again, which needs its saved raw values. */
export function isRedrawable({ files }: ResultExplanation): boolean {
  return files['raw'] !== undefined;
}

const mapCache = createPromiseCache<MapData | null>(24);
const originalCache = createPromiseCache<Pixels | null>(8);

/**
 * Reads a map's raw values and the image below it.
 *
 * @returns null for a map with a colour for each pixel, which is a picture already.
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

/** The image without a map over it: the original file, or an image recovered from an overlay. */
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
 * Fetches the original image from the command's server, which identifies it by its content. It returns null
 * if the image is missing, and for a run that does not say where its images are: the lines of such a run
 * state no view.
 */
async function fetchOriginal(
  { base, line }: MapSource,
  { smooth }: Omit<MapData, 'original'>,
): Promise<Pixels | null> {
  // A report has no server.
  if (line.view === undefined || base === '') return null;
  const response = await fetch(`${base}originals/${line.sha256}`);
  if (!response.ok) return null;
  // The browser may not support the format, for example TIFF.
  return decodePicture(await response.blob(), smooth).catch(() => null);
}

/** Recovers the image from the first overlay that is found. */
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
    // The pixels must be as they are in the file, because colours are computed from them.
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: 'high',
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('this browser provides no 2d canvas');
  // The model sees transparent pixels on white.
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, data: new Uint8ClampedArray(data) };
}
