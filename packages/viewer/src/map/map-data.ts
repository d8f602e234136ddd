import {
  aboveNothing,
  createDisplayMap,
  createGradientMap,
  mergeChannels,
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
  /** [rows, columns]. For a map at pixels, the largest magnitude of each pixel's channels. */
  readonly raw: NdArray;
  readonly relu: boolean;
  /** The raw value that means no evidence, if it is not 0. */
  readonly nothing?: number | undefined;
  /** The map in the colours of its channels, [height, width, channels], if it is one at pixels; else null. */
  readonly gradient: NdArray | null;
  /** The geometry in pixels of the drawn image, which may be a smaller copy of a large original. */
  readonly geometry: Geometry;
  /**
   * The smooth map at the drawn size. For a map at pixels, the magnitudes as the style `magnitude` draws
   * them.
   */
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

const mapCache = createPromiseCache<MapData>(24);
const originalCache = createPromiseCache<Pixels | null>(8);

/** Reads a map's raw values and the image below it. */
export async function loadMapData(source: MapSource): Promise<MapData> {
  const { base, explanation, maxSide } = source;
  const key = `${base} ${explanation.files['raw']} ${maxSide}`;
  return mapCache(key, async () => {
    const grid = await loadGrid(source);
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

/**
 * Recovers the image from the first overlay of a map at a layer. Maps at pixels stand in the place of the
 * image.
 */
async function recoverFromOverlay(
  source: MapSource,
  own: Omit<MapData, 'original'>,
): Promise<Pixels | null> {
  const { base, line, settings } = source;
  const colormap = findColormap(settings);
  if (colormap === undefined || !isRecoverable(settings)) return null;
  for (const one of line.explanations) {
    const overlaid = one.files['overlay'];
    if (overlaid === undefined || !isRedrawable(one)) continue;
    const grid = one === source.explanation ? own : await loadGrid({ ...source, explanation: one });
    if (grid.gradient !== null) continue;
    const { smooth } = grid;
    const overlay = await decodePicture(await fetchBlob(fileAddress(base, overlaid)), smooth);
    return recoverOriginal(overlay, smooth, { colormap, opacity: settings.alpha });
  }
  return null;
}

async function loadGrid(source: MapSource): Promise<Omit<MapData, 'original'>> {
  const { base, line, explanation, maxSide } = source;
  const blob = await fetchBlob(fileAddress(base, explanation.files['raw'] ?? ''));
  const values = parseRawMap(await blob.arrayBuffer());
  const gradient = values.shape.length === 3 ? values : null;
  const raw = mergeChannels(values);
  const scale = Math.min(1, maxSide / Math.max(line.width, line.height));
  const geometry = scaleGeometry(geometryOf(line, explanation, raw), scale);
  const { relu, nothing } = explanation;
  const smooth =
    gradient === null
      ? createDisplayMap(aboveNothing(raw, nothing), relu, geometry)
      : createGradientMap(gradient, 'magnitude', geometry).map;
  return { raw, gradient, relu, nothing, geometry, smooth };
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
