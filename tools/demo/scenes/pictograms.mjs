// @ts-check
// The ten classes: SVG pictograms of Noto Emoji (see NOTICE), which are rasterised once and then sampled.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { at } from './canvas.mjs';

/** Labels of the nets, in index order. */
export const LABELS = /** @type {readonly string[]} */ (
  JSON.parse(readFileSync(new URL('../../../demo/labels.json', import.meta.url), 'utf8'))
);

/**
 * The names that the icon set uses instead of ours.
 *
 * @type {Readonly<Record<string, string>>}
 */
const ICON_NAMES = { car: 'automobile' };

const RASTER = 256;
const LEVELS = 4;

/**
 * @typedef {object} Level premultiplied RGBA, 0..255
 * @property {number} width
 * @property {number} height
 * @property {Float32Array} data
 */

/**
 * @typedef {object} Pictogram
 * @property {number} aspect width / height of the drawn part
 * @property {Level[]} levels halved again and again
 * @property {import('./canvas.mjs').Colour[]} palette some of its colours
 */

/** @returns {Promise<Pictogram[]>} one for each label */
export async function loadPictograms() {
  const require = createRequire(import.meta.url);
  const set = JSON.parse(readFileSync(require.resolve('@iconify-json/noto/icons.json'), 'utf8'));
  return Promise.all(LABELS.map((label) => rasterise(set.icons[ICON_NAMES[label] ?? label].body)));
}

/**
 * @param {string} body
 * @returns {Promise<Pictogram>}
 */
async function rasterise(body) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${RASTER}" height="${RASTER}" viewBox="0 0 128 128">${body}</svg>`;
  const { data } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  let level = cropToInk(premultiply(data));
  const levels = [level];
  while (levels.length < LEVELS) levels.push((level = halve(level)));
  const first = /** @type {Level} */ (levels[0]);
  return { aspect: first.width / first.height, levels, palette: paletteOf(first) };
}

/** @param {Uint8Array} bytes @returns {Level} */
function premultiply(bytes) {
  const data = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = bytes.subarray(i, i + 4);
    data.set([(red * alpha) / 255, (green * alpha) / 255, (blue * alpha) / 255, alpha], i);
  }
  return { width: RASTER, height: RASTER, data };
}

/**
 * Removes the margin around a drawing of Noto Emoji, because the sizes in scenes are those of the drawing.
 *
 * @param {Level} level @returns {Level}
 */
function cropToInk({ width, height, data }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (at(data, (y * width + x) * 4 + 3) < 128) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  const cropped = new Float32Array((right - left) * (bottom - top) * 4);
  for (let y = top; y < bottom; y++) {
    const row = data.subarray((y * width + left) * 4, (y * width + right) * 4);
    cropped.set(row, (y - top) * (right - left) * 4);
  }
  return { width: right - left, height: bottom - top, data: cropped };
}

/** @param {Level} level @returns {Level} */
function halve({ width, height, data }) {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const out = new Float32Array(half.width * half.height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = ((y >> 1) * half.width + (x >> 1)) * 4;
      const from = (y * width + x) * 4;
      for (let c = 0; c < 4; c++) out[to + c] = at(out, to + c) + at(data, from + c) / 4;
    }
  }
  return { ...half, data: out };
}

/** @param {Level} level */
function paletteOf({ data }) {
  /** @type {import('./canvas.mjs').Colour[]} */
  const colours = [];
  for (let i = 0; i < data.length; i += 4 * 997) {
    if (at(data, i + 3) === 255) colours.push([at(data, i), at(data, i + 1), at(data, i + 2)]);
  }
  return colours;
}
