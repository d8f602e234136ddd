/** The picture of core's wings in ARCHITECTURE.md, drawn from the imports. */
import { coreFloors, wingOf } from './floors.mjs';

/** @typedef {import('./read-imports.mjs').Edge} Edge */

const BEGIN = '<!-- wings: node tools/house/write-picture.mjs -->';
const END = '<!-- /wings -->';

/** The entries that users import are drawn as one group. */
const ENTRIES = ['index.ts', 'node', 'browser'];

/**
 * Replaces the picture in the page by one of these imports.
 *
 * @param {string} page
 * @param {readonly Edge[]} edges
 * @returns {string}
 * @throws Error for a page without the two marks.
 */
export function withPicture(page, edges) {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`expected the marks ${BEGIN} and ${END}`);
  return `${page.slice(0, start + BEGIN.length)}\n\n${drawWings(edges)}\n\n${page.slice(end)}`;
}

/**
 * Draws a line for each wing, with all wings that it imports. The entries come first and the ground comes
 * last.
 *
 * @param {readonly Edge[]} edges
 */
function drawWings(edges) {
  /** @type {Map<string, Set<string>>} */
  const below = new Map();
  const order = [...new Set(coreFloors.flat().map(nameOf))].reverse();
  for (const { from, to } of edges) {
    const [upper, lower] = [shownWing(from), shownWing(to)];
    if (!below.has(lower)) below.set(lower, new Set());
    if (upper !== lower) below.set(upper, (below.get(upper) ?? new Set()).add(lower));
  }
  const wings = order.filter((wing) => below.has(wing));
  const width = Math.max(...wings.map((wing) => wing.length));
  const lines = wings.map((wing) => {
    const imported = order.filter((other) => below.get(wing)?.has(other));
    return ` ${wing.padEnd(width)} ${imported.length === 0 ? '' : ` ─▶  ${imported.join('  ')}`}`.trimEnd();
  });
  return ['```', ...lines, '```'].join('\n');
}

/** @param {string} file */
function shownWing(file) {
  return nameOf(wingOf(coreFloors, file) ?? file);
}

/** @param {string} wing */
function nameOf(wing) {
  return ENTRIES.includes(wing) ? 'entries' : wing;
}
