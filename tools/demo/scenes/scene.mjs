// @ts-check
// Draws a scene from a seed: background, clutter, objects, a little clutter in front, light and camera.
import { paintBackground } from './background.mjs';
import { addSensorNoise, applyLight } from './camera.mjs';
import { createCanvas, SCENE_SIDE, toBytes } from './canvas.mjs';
import { paintClutter } from './clutter.mjs';
import { LABELS } from './pictograms.mjs';
import { placeObjects } from './place.mjs';
import { createRandom } from './prng.mjs';
import { randomLook, stampPictogram } from './stamp.mjs';

/**
 * @typedef {object} SceneObject
 * @property {string} class
 * @property {number} index
 * @property {string | null} paint the colour that it was painted in; null for the drawing's own
 * @property {{x: number, y: number, width: number, height: number}} box pixels, half-open
 * @property {Uint8Array} mask one byte per pixel
 */

/**
 * @typedef {object} Scene
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} pixels RGB
 * @property {SceneObject[]} objects in drawing order
 */

/**
 * Draws a scene. Everything except the pixel grid follows from the seed, so the same seed at another size
 * gives the same picture, finer or coarser. Objects stay in the central square, so that a centred crop
 * contains them whole.
 *
 * @param {readonly import('./pictograms.mjs').Pictogram[]} pictograms
 * @param {{seed: number, width: number, height: number, classes?: readonly number[],
 *   counts?: readonly number[], paints?: readonly (import('./colours.mjs').Paint | null)[]}} options
 *   classes: exactly these; without it their number is drawn from counts. paints: one for each of classes;
 *   default: none is painted
 * @returns {Scene}
 */
export function renderScene(
  pictograms,
  { seed, width, height, classes, counts = [2, 3, 4], paints = [] },
) {
  const random = createRandom(seed);
  const canvas = createCanvas(width, height);
  const chosen =
    classes ?? random.shuffle(LABELS.map((_, index) => index)).slice(0, random.pick(counts));
  const palette = pictograms.flatMap((pictogram) => pictogram.palette);
  const region = {
    left: (width / canvas.unit - SCENE_SIDE) / 2,
    top: (height / canvas.unit - SCENE_SIDE) / 2,
    side: SCENE_SIDE,
  };
  const placements = placeObjects(random, chosen, pictograms, region);
  paintBackground(canvas, random);
  paintClutter(canvas, random, { count: random.int(8, 26), palette, largest: 34 });
  const objects = placements.map((placement, i) => {
    const pictogram = pictograms[placement.classIndex];
    const label = LABELS[placement.classIndex];
    if (!pictogram || !label) throw new Error(`no class ${placement.classIndex}`);
    const paint = paints[i] ?? null;
    const mask = stampPictogram(canvas, pictogram, placement, { ...randomLook(random), paint });
    const box = boxOf(mask, width);
    return { class: label, index: placement.classIndex, paint: paint?.name ?? null, box, mask };
  });
  const front = { count: random.int(0, 3), palette, largest: 9, strokes: true };
  paintClutter(canvas, random, front);
  applyLight(canvas, random);
  addSensorNoise(canvas, random.seed());
  return { width, height, pixels: toBytes(canvas), objects };
}

/**
 * @param {Uint8Array} mask
 * @param {number} width
 */
function boxOf(mask, width) {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const x = i % width;
    const y = Math.floor(i / width);
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
