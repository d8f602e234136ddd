// @ts-check
// Shapes that belong to no class: polygons, ellipses, rings and strokes. Many take their colour from the
// pictograms, so that a patch in a class's colour is no evidence for the class.
import { blendShape, mixColours, randomColour } from './canvas.mjs';

/**
 * @typedef {import('./canvas.mjs').Canvas} Canvas
 * @typedef {import('./canvas.mjs').Colour} Colour
 * @typedef {import('./prng.mjs').Random} Random
 * @typedef {{bounds: {left: number, top: number, right: number, bottom: number},
 *   distance: (x: number, y: number) => number}} Shape distance: signed, negative inside
 */

/**
 * @param {Canvas} canvas
 * @param {Random} random
 * @param {{count: number, palette: readonly Colour[], largest: number, strokes?: boolean}} options
 */
export function paintClutter(canvas, random, { count, palette, largest, strokes = false }) {
  for (let i = 0; i < count; i++) {
    const x = random.uniform(0, canvas.width / canvas.unit);
    const y = random.uniform(0, canvas.height / canvas.unit);
    const size = random.uniform(3, largest);
    const make = strokes ? stroke : random.pick([polygon, polygon, ellipse, ring, stroke]);
    const shape = make(random, x, y, size);
    const colour = random.chance(0.5)
      ? mixColours(random.pick(palette), randomColour(random), random.uniform(0, 0.3))
      : randomColour(random);
    const opacity = random.uniform(0.45, 1);
    // The edge is one pixel wide and soft, at any resolution.
    const cover = (/** @type {number} */ px, /** @type {number} */ py) =>
      opacity * Math.max(0, Math.min(1, 0.5 - shape.distance(px, py) * canvas.unit));
    blendShape(canvas, shape.bounds, cover, colour);
  }
}

/**
 * @param {number} x @param {number} y @param {number} reach
 */
const around = (x, y, reach) => ({
  left: x - reach,
  top: y - reach,
  right: x + reach,
  bottom: y + reach,
});

/** A convex polygon: the intersection of half-planes around a centre.
 * @param {Random} random @param {number} x @param {number} y @param {number} size
 * @returns {Shape} */
function polygon(random, x, y, size) {
  const count = random.int(3, 6);
  const start = random.uniform(0, 2 * Math.PI);
  const sides = Array.from({ length: count }, (_, i) => {
    const angle = start + ((i + random.uniform(-0.25, 0.25)) * 2 * Math.PI) / count;
    return { nx: Math.cos(angle), ny: Math.sin(angle), offset: random.uniform(0.35, 0.7) * size };
  });
  return {
    bounds: around(x, y, size * 1.5),
    distance: (px, py) => {
      let far = -Infinity;
      for (const { nx, ny, offset } of sides) {
        far = Math.max(far, (px - x) * nx + (py - y) * ny - offset);
      }
      return far;
    },
  };
}

/** @param {Random} random @param {number} x @param {number} y @param {number} size
 * @returns {Shape} */
function ellipse(random, x, y, size) {
  const angle = random.uniform(0, Math.PI);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const long = size * 0.6;
  const short = long * random.uniform(0.3, 1);
  return {
    bounds: around(x, y, long + 1),
    distance: (px, py) => {
      const u = ((px - x) * cos + (py - y) * sin) / long;
      const v = ((py - y) * cos - (px - x) * sin) / short;
      return (Math.sqrt(u * u + v * v) - 1) * short;
    },
  };
}

/** @param {Random} random @param {number} x @param {number} y @param {number} size
 * @returns {Shape} */
function ring(random, x, y, size) {
  const radius = size * 0.5;
  const half = Math.max(0.6, radius * random.uniform(0.08, 0.3));
  return {
    bounds: around(x, y, radius + half + 1),
    distance: (px, py) => Math.abs(Math.hypot(px - x, py - y) - radius) - half,
  };
}

/** A straight line with round ends.
 * @param {Random} random @param {number} x @param {number} y @param {number} size
 * @returns {Shape} */
function stroke(random, x, y, size) {
  const angle = random.uniform(0, 2 * Math.PI);
  const length = size * random.uniform(0.8, 1.6);
  const dx = Math.cos(angle) * length;
  const dy = Math.sin(angle) * length;
  const half = random.uniform(0.4, 1.6);
  return {
    bounds: around(x, y, length + half + 1),
    distance: (px, py) => {
      const t = ((px - x) * dx + (py - y) * dy) / (length * length);
      const near = Math.max(-1, Math.min(1, t));
      return Math.hypot(px - x - near * dx, py - y - near * dy) - half;
    },
  };
}
