// @ts-check
// A float RGB picture whose coordinates do not depend on its resolution: painters use scene units, and the
// short side of a scene is 128 units, so one seed gives one layout at every pixel size.

/** @typedef {[number, number, number]} Colour red, green, blue in 0..255 */

/**
 * @typedef {object} Canvas
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {number} unit pixels per scene unit
 * @property {Float32Array} data rows of RGB, 0..255, not clamped
 */

export const SCENE_SIDE = 128;

/**
 * Reads a value at an index that the caller knows to be within bounds, which the compiler cannot know. It
 * takes a single type of array, so that the engine inlines it: this is the innermost loop of all painting.
 *
 * @param {Float32Array} values @param {number} index
 */
export const at = (values, index) => /** @type {number} */ (values[index]);

/**
 * @param {number} width
 * @param {number} height
 * @returns {Canvas}
 */
export function createCanvas(width, height) {
  const unit = Math.min(width, height) / SCENE_SIDE;
  return { width, height, unit, data: new Float32Array(width * height * 3) };
}

/**
 * Replaces every pixel. `shade` receives the pixel's centre in scene units and its present colour.
 *
 * @param {Canvas} canvas
 * @param {(x: number, y: number, rgb: Colour) => void} shade writes into rgb
 */
export function shadeAll(canvas, shade) {
  const { width, height, unit, data } = canvas;
  /** @type {Colour} */
  const rgb = [0, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const i = (row * width + column) * 3;
      rgb[0] = at(data, i);
      rgb[1] = at(data, i + 1);
      rgb[2] = at(data, i + 2);
      shade((column + 0.5) / unit, (row + 0.5) / unit, rgb);
      data[i] = rgb[0];
      data[i + 1] = rgb[1];
      data[i + 2] = rgb[2];
    }
  }
}

/**
 * Blends one colour over a shape. `cover` gives the opacity 0..1 at a pixel's centre.
 * @param {Canvas} canvas
 * @param {{left: number, top: number, right: number, bottom: number}} bounds in scene units
 * @param {(x: number, y: number) => number} cover
 * @param {Colour} colour
 */
export function blendShape(canvas, bounds, cover, colour) {
  const { width, height, unit, data } = canvas;
  const firstRow = Math.max(0, Math.floor(bounds.top * unit));
  const lastRow = Math.min(height - 1, Math.ceil(bounds.bottom * unit));
  const firstColumn = Math.max(0, Math.floor(bounds.left * unit));
  const lastColumn = Math.min(width - 1, Math.ceil(bounds.right * unit));
  for (let row = firstRow; row <= lastRow; row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      const alpha = cover((column + 0.5) / unit, (row + 0.5) / unit);
      if (alpha > 0) blendPixel(data, (row * width + column) * 3, colour, alpha);
    }
  }
}

/**
 * @param {Float32Array} data
 * @param {number} i
 * @param {Colour} colour
 * @param {number} alpha
 */
export function blendPixel(data, i, colour, alpha) {
  const rest = 1 - alpha;
  data[i] = at(data, i) * rest + colour[0] * alpha;
  data[i + 1] = at(data, i + 1) * rest + colour[1] * alpha;
  data[i + 2] = at(data, i + 2) * rest + colour[2] * alpha;
}

/**
 * @param {Colour} a
 * @param {Colour} b
 * @param {number} t
 * @returns {Colour}
 */
export function mixColours(a, b, t) {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/**
 * A colour spread over hue, saturation and value, so that greys, pastels and deep colours all occur.
 * @param {import('./prng.mjs').Random} random
 * @returns {Colour}
 */
export function randomColour(random) {
  const hue = random.uniform(0, 6);
  const saturation = random.uniform(0, 1);
  const value = 255 * random.uniform(0.15, 1);
  const channel = (/** @type {number} */ shift) => {
    const k = (shift + hue) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/**
 * @param {Canvas} canvas
 * @returns {Uint8Array}
 */
export function toBytes(canvas) {
  const bytes = new Uint8Array(canvas.data.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Math.max(0, Math.min(255, Math.round(at(canvas.data, i))));
  }
  return bytes;
}
