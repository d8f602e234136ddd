// @ts-check
// Named colours: those that an object can be painted in, and the colour that a pictogram has of its own.
// Between the ranges of hue there are gaps, so that the light of a scene does not turn one colour into
// another.
import { at } from './canvas.mjs';

/**
 * @typedef {object} Paint
 * @property {string} name
 * @property {import('./canvas.mjs').Colour} rgb
 */

/** @type {readonly Paint[]} */
export const PAINTS = [
  { name: 'red', rgb: [220, 38, 34] },
  { name: 'yellow', rgb: [245, 212, 40] },
  { name: 'green', rgb: [56, 170, 66] },
  { name: 'blue', rgb: [40, 104, 226] },
  { name: 'purple', rgb: [156, 58, 204] },
  { name: 'grey', rgb: [168, 168, 168] },
];

/** Ranges of hue in degrees, half-open; the first begins below zero. */
const HUES = /** @type {const} */ ([
  { name: 'red', from: -20, to: 18 },
  { name: 'yellow', from: 47, to: 63 },
  { name: 'green', from: 75, to: 165 },
  { name: 'blue', from: 190, to: 235 },
  { name: 'purple', from: 262, to: 310 },
]);

/** The least share of a drawing that must have one colour, for the drawing to be called by it. */
const SHARE = 0.55;

/**
 * The colour of a drawing as it comes: that of at least 55 % of what is neither outline nor highlight.
 *
 * @param {import('./pictograms.mjs').Pictogram} pictogram
 * @returns {string | null} null for a drawing of several colours, or of one without a name here
 */
export function ownColour({ levels: [level] }) {
  if (level === undefined) return null;
  /** @type {Map<string | null, number>} */
  const counts = new Map();
  let counted = 0;
  for (let i = 0; i < level.data.length; i += 4) {
    const alpha = at(level.data, i + 3);
    if (alpha < 200) continue;
    const [red, green, blue] = [0, 1, 2].map((k) => at(level.data, i + k) / alpha);
    const largest = Math.max(red ?? 0, green ?? 0, blue ?? 0);
    const saturation = largest === 0 ? 0 : 1 - Math.min(red ?? 0, green ?? 0, blue ?? 0) / largest;
    const isOutline = largest < 0.3;
    const isHighlight = largest > 0.92 && saturation < 0.15;
    if (isOutline || isHighlight) continue;
    const name =
      saturation < 0.12
        ? 'grey'
        : saturation < 0.35
          ? null
          : nameHue(red ?? 0, green ?? 0, blue ?? 0);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    counted++;
  }
  for (const [name, count] of counts) if (count >= SHARE * counted) return name;
  return null;
}

/** @param {number} red @param {number} green @param {number} blue */
function nameHue(red, green, blue) {
  const largest = Math.max(red, green, blue);
  const spread = largest - Math.min(red, green, blue);
  const sector =
    largest === red
      ? (green - blue) / spread
      : largest === green
        ? 2 + (blue - red) / spread
        : 4 + (red - green) / spread;
  const hue = 60 * sector;
  const found = HUES.find(({ from, to }) => hue >= from && hue < to);
  return found?.name ?? null;
}

/**
 * Changes the hue of a colour to that of the paint, and keeps how light it is: outlines stay dark.
 *
 * @param {Paint} paint
 * @param {readonly [number, number, number, number]} rgba premultiplied, 0..255
 * @returns {import('./canvas.mjs').Colour} premultiplied too
 */
export function paintOver({ rgb }, [red, green, blue, alpha]) {
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  const light = Math.min(1.15 * alpha, 0.12 * alpha + 1.25 * luma) / 255;
  return [rgb[0] * light, rgb[1] * light, rgb[2] * light];
}
