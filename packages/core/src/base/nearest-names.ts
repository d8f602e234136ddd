/**
 * Share of a name's letters that may differ for the name to count as similar: two of five, one of
 * three.
 */
const NEAR_SHARE = 0.4;

/** Most letters of a name that are compared, because the time grows with the product of both lengths. */
const MAX_LETTERS = 100;

/**
 * Up to `limit` of the names that are most similar to `wanted`, the most similar first and each once,
 * for error messages. The list is empty when no name is similar. Case, dashes, dots, spaces and `_` do
 * not count.
 */
export function nearestNames(wanted: string, names: readonly string[], limit = 3): string[] {
  const target = plainName(wanted);
  return [...new Set(names)]
    .map((name, order) => ({ name, order, distance: nameDistance(target, plainName(name)) }))
    .filter(({ distance }) => distance <= NEAR_SHARE)
    .sort((a, b) => a.distance - b.distance || a.order - b.order)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** The end of a message that suggests names, as `; did you mean a or b?`; empty without names. */
export function didYouMean(candidates: readonly string[]): string {
  return candidates.length === 0 ? '' : `; did you mean ${candidates.join(' or ')}?`;
}

/**
 * A name without what comparisons ignore: case, dashes, dots, spaces and `_`. A `+` is written out.
 */
export function plainName(name: string): string {
  return name
    .slice(0, MAX_LETTERS)
    .toLowerCase()
    .replaceAll('+', ' plus ')
    .replace(/[\s._-]+/g, '');
}

/**
 * Edits per letter. When one of two names contains the other, they are nearer than any two other names.
 */
function nameDistance(wanted: string, name: string): number {
  const longest = Math.max(wanted.length, name.length, 1);
  const edits = countEdits(wanted, name) / longest;
  const shorter = Math.min(wanted.length, name.length);
  // A single letter is in nearly every name, so containing it says nothing.
  if (shorter > 1 && (name.includes(wanted) || wanted.includes(name))) return edits / 1000;
  return edits;
}

/**
 * Counts the letters to insert, to remove, to replace, or to swap with a neighbour (optimal string
 * alignment). Only three rows of the table are kept.
 */
function countEdits(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
