// @ts-check
// Places the objects of a scene at random, with a random size, rotation and mirroring, and with hardly any
// overlap.

/**
 * @typedef {object} Placement all in scene units
 * @property {number} classIndex
 * @property {number} x centre
 * @property {number} y
 * @property {number} size longer side of the drawing before it is turned
 * @property {number} angle radians
 * @property {boolean} mirrored
 */

/** The more objects a scene has, the smaller they are: four of the largest would not fit. */
const SIZES = [
  [34, 66],
  [34, 62],
  [32, 56],
  [31, 48],
];
const SMALLEST = 28;
const MAX_ANGLE = (25 * Math.PI) / 180;
/** The largest share of the smaller box that another box may cover. */
const MAX_OVERLAP = 0.08;

/**
 * @param {import('./prng.mjs').Random} random
 * @param {readonly number[]} classes
 * @param {readonly import('./pictograms.mjs').Pictogram[]} pictograms
 * @param {{left: number, top: number, side: number}} region the square they must lie in
 * @returns {Placement[]}
 */
export function placeObjects(random, classes, pictograms, region) {
  for (;;) {
    const placements = tryOnce(random, classes, pictograms, region);
    if (placements) return placements;
  }
}

/**
 * @param {import('./prng.mjs').Random} random
 * @param {readonly number[]} classes
 * @param {readonly import('./pictograms.mjs').Pictogram[]} pictograms
 * @param {{left: number, top: number, side: number}} region
 */
function tryOnce(random, classes, pictograms, region) {
  const [low = 0, high = 0] = SIZES[classes.length - 1] ?? [];
  /** @type {Placement[]} */
  const placements = [];
  /** @type {Box[]} */
  const boxes = [];
  for (const classIndex of classes) {
    const pictogram = pictograms[classIndex];
    if (!pictogram) throw new Error(`no pictogram for class ${classIndex}`);
    let size = random.uniform(low, high);
    const angle = random.uniform(-MAX_ANGLE, MAX_ANGLE);
    const mirrored = random.chance(0.5);
    let placed = false;
    for (let attempt = 0; attempt < 40 && !placed; attempt++) {
      if (attempt % 8 === 7) size = Math.max(SMALLEST, size * 0.93);
      const reach = turnedReach(pictogram.aspect, size, angle);
      const x = region.left + random.uniform(reach.x, region.side - reach.x);
      const y = region.top + random.uniform(reach.y, region.side - reach.y);
      const box = { left: x - reach.x, top: y - reach.y, right: x + reach.x, bottom: y + reach.y };
      if (boxes.some((other) => overlap(box, other) > MAX_OVERLAP)) continue;
      boxes.push(box);
      placements.push({ classIndex, x, y, size, angle, mirrored });
      placed = true;
    }
    if (!placed) return null;
  }
  return placements;
}

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/**
 * Half extents of the turned drawing's bounding rectangle.
 * @param {number} aspect @param {number} size @param {number} angle
 */
export function turnedReach(aspect, size, angle) {
  const { halfWidth, halfHeight } = halfSides(aspect, size);
  const cos = Math.abs(Math.cos(angle));
  const sin = Math.abs(Math.sin(angle));
  return { x: halfWidth * cos + halfHeight * sin, y: halfWidth * sin + halfHeight * cos };
}

/** @param {number} aspect @param {number} size longer side */
export function halfSides(aspect, size) {
  return {
    halfWidth: (size / 2) * Math.min(1, aspect),
    halfHeight: (size / 2) * Math.min(1, 1 / aspect),
  };
}

/** @param {Box} a @param {Box} b share of the smaller one that lies in the other */
function overlap(a, b) {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / Math.min(area(a), area(b));
}

/** @param {Box} box */
const area = (box) => (box.right - box.left) * (box.bottom - box.top);
