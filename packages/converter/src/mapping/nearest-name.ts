/** The most letters of a name that are compared, because the time grows with the square of the length. */
const MAX_COMPARED = 128;

/**
 * Sorts names by their edit distance to `wanted`, the nearest first. Names at the same distance keep their
 * order.
 */
export function sortByDistance(wanted: string, names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, distance: measureEditDistance(wanted, name) }))
    .sort((left, right) => left.distance - right.distance)
    .map(({ name }) => name);
}

/** The nearest of `names`, or undefined if even that one shares less than half of its letters. */
export function findNearestName(wanted: string, names: readonly string[]): string | undefined {
  const [nearest] = sortByDistance(wanted, names);
  if (nearest === undefined) return undefined;
  const longest = Math.max(wanted.length, nearest.length);
  return measureEditDistance(wanted, nearest) <= longest / 2 ? nearest : undefined;
}

/** Levenshtein's distance: the number of letters to insert, remove or replace. */
export function measureEditDistance(left: string, right: string): number {
  const from = left.slice(-MAX_COMPARED);
  const to = right.slice(-MAX_COMPARED);
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const inserted = (current[column - 1] ?? 0) + 1;
      const removed = (previous[column] ?? 0) + 1;
      current.push(Math.min(replaced, inserted, removed));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
