// @ts-check
// The background of a scene: a gradient, a texture over it, and soft blobs of light and colour.
import { blendShape, mixColours, randomColour, shadeAll } from './canvas.mjs';
import { createNoise } from './noise.mjs';

/**
 * @typedef {import('./canvas.mjs').Canvas} Canvas
 * @typedef {import('./prng.mjs').Random} Random
 */

/**
 * @param {Canvas} canvas
 * @param {Random} random
 */
export function paintBackground(canvas, random) {
  paintGradient(canvas, random);
  const layers = random.int(1, 2);
  for (let i = 0; i < layers; i++) paintTexture(canvas, random);
  paintBlobs(canvas, random);
  paintGrain(canvas, random);
}

/**
 * Paints a linear gradient. Noise bends it, so that its bands are not straight.
 *
 * @param {Canvas} canvas @param {Random} random
 */
function paintGradient(canvas, random) {
  const from = randomColour(random);
  const to = randomColour(random);
  const angle = random.uniform(0, 2 * Math.PI);
  const cos = Math.cos(angle) / 128;
  const sin = Math.sin(angle) / 128;
  const bend = createNoise(random, { cell: random.uniform(25, 70), octaves: 3 });
  const bending = random.uniform(0, 0.7);
  shadeAll(canvas, (x, y, rgb) => {
    const t = 0.5 + (x - 64) * cos + (y - 64) * sin + bending * bend(x, y);
    const colour = mixColours(from, to, Math.max(0, Math.min(1, t)));
    rgb[0] = colour[0];
    rgb[1] = colour[1];
    rgb[2] = colour[2];
  });
}

/**
 * Paints stripes, checks, dots or waves in another colour, partly transparent.
 *
 * @param {Canvas} canvas @param {Random} random
 */
function paintTexture(canvas, random) {
  const pattern = createPattern(random);
  const colour = randomColour(random);
  const strength = random.uniform(0.15, 0.65);
  const fade = createNoise(random, { cell: random.uniform(20, 60), octaves: 2 });
  shadeAll(canvas, (x, y, rgb) => {
    const alpha = strength * pattern(x, y) * Math.max(0, Math.min(1, 0.7 + fade(x, y)));
    rgb[0] += (colour[0] - rgb[0]) * alpha;
    rgb[1] += (colour[1] - rgb[1]) * alpha;
    rgb[2] += (colour[2] - rgb[2]) * alpha;
  });
}

/**
 * @param {Random} random
 * @returns {(x: number, y: number) => number} 0..1
 */
function createPattern(random) {
  const kind = random.pick(['stripes', 'checks', 'dots', 'waves', 'marble']);
  const angle = random.uniform(0, Math.PI);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const period = random.uniform(4, 26);
  const scale = (2 * Math.PI) / period;
  const edge = random.uniform(1, 6);
  const share = random.uniform(-0.5, 0.5);
  const warp = createNoise(random, { cell: random.uniform(12, 40), octaves: 3 });
  const warping = random.uniform(0, 1.2);
  const step = (/** @type {number} */ value) =>
    Math.max(0, Math.min(1, 0.5 + edge * (value - share)));
  return (x, y) => {
    const bend = warping * warp(x, y);
    const u = (x * cos + y * sin) * scale + bend;
    const v = (y * cos - x * sin) * scale + bend;
    switch (kind) {
      case 'stripes':
        return step(Math.sin(u));
      case 'checks':
        return step(Math.sin(u) * Math.sin(v) * 2);
      case 'dots':
        return step(Math.sin(u) + Math.sin(v) - 1);
      case 'waves':
        return step(Math.sin(u + 1.5 * Math.sin(v / 2)));
      default:
        return step(2.5 * warp(x * 1.7, y * 0.9));
    }
  };
}

/** @param {Canvas} canvas @param {Random} random */
function paintBlobs(canvas, random) {
  const { width, height, unit } = canvas;
  const count = random.int(2, 7);
  for (let i = 0; i < count; i++) {
    const x = random.uniform(0, width / unit);
    const y = random.uniform(0, height / unit);
    const radius = random.uniform(8, 40);
    const strength = random.uniform(0.15, 0.6);
    const bounds = { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
    blendShape(
      canvas,
      bounds,
      (px, py) => {
        const d = ((px - x) ** 2 + (py - y) ** 2) / radius ** 2;
        return d >= 1 ? 0 : strength * (1 - d) ** 2;
      },
      randomColour(random),
    );
  }
}

/**
 * Adds a fine texture of brightness, like that of cloth, sand or grass.
 *
 * @param {Canvas} canvas @param {Random} random
 */
function paintGrain(canvas, random) {
  const grain = createNoise(random, { cell: random.uniform(1.5, 8), octaves: 3 });
  const stretch = random.uniform(0.3, 1);
  const strength = random.uniform(0, 70);
  shadeAll(canvas, (x, y, rgb) => {
    const value = strength * grain(x, y * stretch);
    rgb[0] += value;
    rgb[1] += value;
    rgb[2] += value;
  });
}
