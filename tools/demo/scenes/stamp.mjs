// @ts-check
// Draws one placed pictogram: its shadow, then the drawing with random changes of its colours. The mask is
// computed from the same alpha values that are painted.
import { at, blendPixel } from './canvas.mjs';
import { paintOver } from './colours.mjs';
import { halfSides, turnedReach } from './place.mjs';

/**
 * @typedef {object} Look
 * @property {import('./canvas.mjs').Colour} gain per channel
 * @property {number} saturation
 * @property {number} lift added brightness
 * @property {{x: number, y: number, strength: number}} shadow
 * @property {import('./colours.mjs').Paint | null} [paint] replaces the drawing's own colours
 */

/**
 * @param {import('./prng.mjs').Random} random
 * @returns {Look}
 */
export function randomLook(random) {
  const gain = () => random.uniform(0.82, 1.15);
  return {
    gain: [gain(), gain(), gain()],
    saturation: random.uniform(0.6, 1.2),
    lift: random.uniform(-18, 18),
    shadow: {
      x: random.uniform(-3, 3),
      y: random.uniform(0.5, 4),
      strength: random.chance(0.7) ? random.uniform(0.15, 0.5) : 0,
    },
  };
}

/**
 * @param {import('./canvas.mjs').Canvas} canvas
 * @param {import('./pictograms.mjs').Pictogram} pictogram
 * @param {import('./place.mjs').Placement} placement
 * @param {Look} look
 * @returns {Uint8Array} 1 where the drawing's alpha is above one half
 */
export function stampPictogram(canvas, pictogram, placement, look) {
  const { x, y } = placement;
  const mask = new Uint8Array(canvas.width * canvas.height);
  const sampler = createSampler(pictogram, placement, canvas.unit);
  if (look.shadow.strength > 0) {
    // A coarse level of the pyramid is a blurred drawing, which is good enough for a soft shadow.
    const soft = createSampler(pictogram, placement, canvas.unit, 8 / placement.size);
    forPixels(canvas, pictogram, placement, look.shadow, (px, py, i) => {
      /** @type {Rgba} */
      const sum = [0, 0, 0, 0];
      soft(px - look.shadow.x - x, py - look.shadow.y - y, sum, 1);
      blendPixel(canvas.data, i, [0, 0, 0], (sum[3] / 255) * look.shadow.strength);
    });
  }
  forPixels(canvas, pictogram, placement, { x: 0, y: 0 }, (px, py, i) => {
    const sampled = supersample(sampler, px - x, py - y, canvas.unit);
    const alpha = sampled[3];
    if (alpha <= 0) return;
    const [red, green, blue] = look.paint ? paintOver(look.paint, sampled) : sampled;
    const scale = 255 / alpha;
    const grey = ((red + green + blue) / 3) * scale;
    const shade = (/** @type {number} */ value, /** @type {number} */ gain) =>
      (grey + (value * scale - grey) * look.saturation) * gain + look.lift;
    const { gain } = look;
    blendPixel(
      canvas.data,
      i,
      [shade(red, gain[0]), shade(green, gain[1]), shade(blue, gain[2])],
      alpha / 255,
    );
    if (alpha > 127.5) mask[i / 3] = 1;
  });
  return mask;
}

/**
 * @typedef {[number, number, number, number]} Rgba premultiplied, 0..255
 * @typedef {(dx: number, dy: number, sum: Rgba, share: number) => void} Sampler adds a share of the
 *   colour at an offset (in units) from the object's centre
 */

/**
 * @param {import('./pictograms.mjs').Pictogram} pictogram
 * @param {import('./place.mjs').Placement} placement
 * @param {number} unit
 * @param {number} [detail] texels per unit wanted; default: about one for each half pixel
 * @returns {Sampler}
 */
function createSampler(pictogram, placement, unit, detail = 2 * unit) {
  const { angle, mirrored, size } = placement;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const { halfWidth, halfHeight } = halfSides(pictogram.aspect, size);
  // The coarsest level that still has enough texels.
  const level = [...pictogram.levels].reverse().find((one) => one.width >= detail * 2 * halfWidth);
  const { width, height, data } = level ?? /** @type {never} */ (pictogram.levels[0]);
  return (dx, dy, sum, share) => {
    const u = (cos * dx + sin * dy) * (mirrored ? -1 : 1);
    const v = cos * dy - sin * dx;
    const tx = ((u + halfWidth) / (2 * halfWidth)) * width - 0.5;
    const ty = ((v + halfHeight) / (2 * halfHeight)) * height - 0.5;
    const left = Math.floor(tx);
    const top = Math.floor(ty);
    for (let row = top; row <= top + 1; row++) {
      if (row < 0 || row >= height) continue;
      for (let column = left; column <= left + 1; column++) {
        if (column < 0 || column >= width) continue;
        const weight = share * (1 - Math.abs(tx - column)) * (1 - Math.abs(ty - row));
        const i = (row * width + column) * 4;
        sum[0] += weight * at(data, i);
        sum[1] += weight * at(data, i + 1);
        sum[2] += weight * at(data, i + 2);
        sum[3] += weight * at(data, i + 3);
      }
    }
  };
}

/**
 * Averages four samples within a pixel.
 *
 * @param {Sampler} sampler @param {number} dx @param {number} dy @param {number} unit
 * @returns {Rgba}
 */
function supersample(sampler, dx, dy, unit) {
  const quarter = 0.25 / unit;
  /** @type {Rgba} */
  const sum = [0, 0, 0, 0];
  for (const sx of [-quarter, quarter]) {
    for (const sy of [-quarter, quarter]) {
      sampler(dx + sx, dy + sy, sum, 0.25);
    }
  }
  return sum;
}

/**
 * @param {import('./canvas.mjs').Canvas} canvas
 * @param {import('./pictograms.mjs').Pictogram} pictogram
 * @param {import('./place.mjs').Placement} placement
 * @param {{x: number, y: number}} shift
 * @param {(x: number, y: number, index: number) => void} visit
 */
function forPixels(canvas, pictogram, placement, shift, visit) {
  const { width, height, unit } = canvas;
  const reach = turnedReach(pictogram.aspect, placement.size, placement.angle);
  const firstRow = Math.max(0, Math.floor((placement.y + shift.y - reach.y) * unit) - 2);
  const lastRow = Math.min(height - 1, Math.ceil((placement.y + shift.y + reach.y) * unit) + 2);
  const firstColumn = Math.max(0, Math.floor((placement.x + shift.x - reach.x) * unit) - 2);
  const lastColumn = Math.min(width - 1, Math.ceil((placement.x + shift.x + reach.x) * unit) + 2);
  for (let row = firstRow; row <= lastRow; row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      visit((column + 0.5) / unit, (row + 0.5) / unit, (row * width + column) * 3);
    }
  }
}
