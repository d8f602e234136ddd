/** Share of the letters of a name that may differ where it is meant: two of five, one of three. */
const NEAR_SHARE = 0.4;

/**
 * Up to `limit` of `names` that look most like `wanted`, best first, each once, for error messages; none where
 * nothing is near. Case, dashes, dots, blanks and `_` do not count.
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

/** A name without what does not count when names are compared: case, dashes, dots, blanks and `_`. */
export function plainName(name: string): string {
  return name
    .slice(0, LETTERS)
    .toLowerCase()
    .replaceAll('+', ' plus ')
    .replace(/[\s._-]+/g, '');
}

/** Letters that are compared: the steps grow with the product of both lengths. */
const LETTERS = 100;

/** Edits by letter, but a name that contains the wanted one is nearer than any that does not. */
function nameDistance(wanted: string, name: string): number {
  const longest = Math.max(wanted.length, name.length, 1);
  const edits = countEdits(wanted, name) / longest;
  const shorter = Math.min(wanted.length, name.length);
  // One letter is in nearly every name.
  if (shorter > 1 && (name.includes(wanted) || wanted.includes(name))) return edits / 1000;
  return edits;
}

/** Letters to insert, remove, replace, or to swap with their neighbour (optimal string alignment), by three rows. */
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
