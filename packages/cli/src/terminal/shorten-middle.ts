/**
 * A name in at most `length` letters: of what is longer the beginning and, twice as much, the end,
 * where names of graphs tell themselves apart.
 */
export function shortenMiddle(name: string, length: number): string {
  if (name.length <= length) return name;
  const gap = '..';
  const end = Math.ceil(((length - gap.length) * 2) / 3);
  return name.slice(0, length - gap.length - end) + gap + name.slice(-end);
}
