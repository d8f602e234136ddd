/** Up to `limit` of `names` that look most like `wanted`, best first, for error messages. */
export function nearestNames(wanted: string, names: readonly string[], limit = 3): string[] {
  const target = wanted.toLowerCase();
  return names
    .map((name, order) => ({ name, order, distance: nameDistance(target, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || a.order - b.order)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** Letters that are compared: the steps grow with the product of both lengths. */
const LETTERS = 100;

/** Edit distance, but a name that contains the wanted one is nearer than any that does not. */
function nameDistance(wanted: string, name: string): number {
  const edits = countEdits(wanted.slice(0, LETTERS), name.slice(0, LETTERS));
  return name.includes(wanted) || wanted.includes(name) ? edits / 1000 : edits;
}

/** Levenshtein distance by one row of the table. */
function countEdits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
