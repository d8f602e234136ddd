/**
 * Shortens a name to at most `length` characters. Of a longer name it keeps the beginning and, twice as long,
 * the end, because names in graphs differ mostly at the end.
 */
export function shortenMiddle(name: string, length: number): string {
  if (name.length <= length) return name;
  const gap = '..';
  const end = Math.ceil(((length - gap.length) * 2) / 3);
  return name.slice(0, length - gap.length - end) + gap + name.slice(-end);
}
