// @ts-check
import { readFileSync } from 'node:fs';

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {{ objects: { class: string, box: Box }[] }} Scene */

const scenes = /** @type {Scene[]} */ (
  JSON.parse(readFileSync(new URL('../../demo/scenes/scenes.json', import.meta.url), 'utf8'))
);

/**
 * The largest cell of a map of the first demo scene has to lie in the box of its object, which the scene
 * states.
 *
 * @param {string} name the class of the object
 * @param {{ x: number, y: number }} peak
 */
export function checkPeak(name, { x, y }) {
  const found = scenes[0]?.objects.find((one) => one.class === name);
  if (found === undefined) throw new Error(`the scene has no ${name}`);
  const { box } = found;
  const isInside = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
  if (!isInside) throw new Error(`expected the peak in the box of the ${name}, found ${x}, ${y}`);
}

/**
 * The same for the sentence that the pages of examples/ show.
 *
 * @param {string} name
 * @param {string} said such as `cat: strongest at 80, 80`
 */
export function checkSaid(name, said) {
  const [, label, x, y] = /^(\w+): strongest at ([\d.]+), ([\d.]+)$/.exec(said) ?? [];
  if (label !== name) throw new Error(`expected where the ${name} is strongest, found: ${said}`);
  checkPeak(name, { x: Number(x), y: Number(y) });
}
