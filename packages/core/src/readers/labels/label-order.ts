import { GradcamError } from '../../base/errors.ts';

/** The accepted forms of a list of names, for errors. */
export const LABEL_FORMS =
  'names as lines, a table index,name, a JSON list, {"0": "cat"}, {"cat": 0}, [{"id": 0, "name": "cat"}], id2label, YAML with a list of names, a label map, or JavaScript with one list';

/**
 * Sorts names by their indices, which must count up from 0, or from 1 as in tables that people number.
 *
 * @param what describes the form of the names, for errors.
 * @throws GradcamError `argument` for an index that is missing, given twice or not a number.
 */
export function orderNames(
  entries: readonly (readonly [index: unknown, name: string])[],
  what: string,
): string[] {
  const from = entries.some(([index]) => index === 0) ? 0 : firstOf(entries);
  const names = new Array<string | undefined>(entries.length);
  for (const [index, name] of entries) {
    const place = typeof index === 'number' ? index - from : -1;
    // An index beyond the list must not lengthen it: a hostile index could be huge.
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
