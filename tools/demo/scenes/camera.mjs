// @ts-check
// The effects of light and of a camera on the whole picture, applied after everything is painted.
import { at, shadeAll } from './canvas.mjs';
import { createRandom } from './prng.mjs';

/**
 * Applies light from one side, a lamp at a random place, a colour cast and gamma.
 *
 * @param {import('./canvas.mjs').Canvas} canvas
 * @param {import('./prng.mjs').Random} random
 */
export function applyLight(canvas, random) {
  const angle = random.uniform(0, 2 * Math.PI);
  const slope = random.uniform(0, 0.3) / 64;
  const cos = Math.cos(angle) * slope;
  const sin = Math.sin(angle) * slope;
  const lampX = random.uniform(0, 128);
  const lampY = random.uniform(0, 128);
  const lamp = random.uniform(-0.2, 0.35);
  const spread = random.uniform(25, 80) ** 2;
  const exposure = random.uniform(0.75, 1.15);
  const gamma = random.uniform(0.85, 1.2);
  const cast = () => random.uniform(0.9, 1.1) / 255;
  const [red, green, blue] = [cast(), cast(), cast()];
  shadeAll(canvas, (x, y, rgb) => {
    const distance = (x - lampX) ** 2 + (y - lampY) ** 2;
    const light =
      exposure * (1 + (x - 64) * cos + (y - 64) * sin + lamp * Math.exp(-distance / spread));
    rgb[0] = 255 * Math.max(0, rgb[0] * light * red) ** gamma;
    rgb[1] = 255 * Math.max(0, rgb[1] * light * green) ** gamma;
    rgb[2] = 255 * Math.max(0, rgb[2] * light * blue) ** gamma;
  });
}

/**
 * Adds sensor noise from a separate random stream. The number of draws depends on the number of pixels, and
 * the rest of the scene must not depend on it.
 *
 * @param {import('./canvas.mjs').Canvas} canvas
 * @param {number} seed
 */
export function addSensorNoise(canvas, seed) {
  const random = createRandom(seed);
  const deviation = random.uniform(0, 10);
  const { data } = canvas;
  for (let i = 0; i < data.length; i++) {
    // Three uniform draws are close enough to a bell curve and three times as fast.
    const bell = random.unit() + random.unit() + random.unit() - 1.5;
    data[i] = at(data, i) + 2 * deviation * bell;
  }
}
