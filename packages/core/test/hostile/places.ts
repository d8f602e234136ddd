/** A place in a JSON value: names and indices from the root. */
export type Place = readonly (string | number)[];

/** All places of a JSON value but its root, parents first. */
export function listPlaces(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return entries.flatMap(([name, item]) => {
    const place = [...at, name];
    return [place, ...listPlaces(item, place)];
  });
}

/** JSON text with the value at a place replaced by another text; `undefined` removes it. */
export function replaceAt(json: unknown, place: Place, text: string | undefined): string {
  const marked = structuredClone(json) as Record<string, unknown>;
  let parent = marked;
  for (const step of place.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
  const last = place.at(-1)!;
  if (text === undefined && !Array.isArray(parent)) delete parent[last];
  else parent[last] = MARK;
  return JSON.stringify(marked).replace(`"${MARK}"`, () => text ?? 'null');
}

const MARK = '@replaced@';
