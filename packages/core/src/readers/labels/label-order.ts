import { GradcamError } from '../../base/errors.ts';

/** What a list of names may look like, for errors. */
export const LABEL_FORMS =
  'names as lines, a table index,name, a JSON list, {"0": "cat"}, {"cat": 0}, [{"id": 0, "name": "cat"}], id2label, or YAML with a list of names';

/**
 * Names in the order of their indices, which count on from 0; or from 1, as tables that people number do.
 *
 * @param what the names are given by, for errors.
 * @throws GradcamError `argument` for an index that is missing, given twice or no index.
 */
export function orderNames(
  entries: readonly (readonly [index: unknown, name: string])[],
  what: string,
): string[] {
  const from = entries.some(([index]) => index === 0) ? 0 : firstOf(entries);
  const names = new Array<string | undefined>(entries.length);
  for (const [index, name] of entries) {
    const place = typeof index === 'number' ? index - from : -1;
    // Within the list: a large number would make it as long.
    if (place < entries.length && names[place] === undefined && place >= 0) names[place] = name;
  }
  const missing = names.findIndex((name) => name === undefined);
  if (missing < 0 && names.length === entries.length) return names as string[];
  throw new GradcamError(
    'argument',
    `labels: ${what} of ${entries.length} names must name each of the classes ${from}..${from + entries.length - 1} once, ${from + Math.max(missing, 0)} has none`,
  );
}

function firstOf(entries: readonly (readonly [index: unknown, name: string])[]): 0 | 1 {
  return entries.length > 0 && entries.some(([index]) => index === 1) ? 1 : 0;
}
